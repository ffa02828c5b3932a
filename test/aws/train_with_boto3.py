"""Trains a run and fetches its samples with boto3 alone: train_with_boto3.py FUNCTION FILE."""

import json
import sys
import time

import boto3

function, file = sys.argv[1:]
payload = json.dumps({"action": "train", "preset": "digits", "iterations": 2, "shards": 2})
answer = boto3.client("lambda").invoke(FunctionName=function, Payload=payload)
run = json.load(answer["Payload"])
if "FunctionError" in answer:
    sys.exit(run["errorMessage"])

s3 = boto3.client("s3")
while True:
    head = s3.get_object(Bucket=run["bucket"], Key=run["prefix"] + "head.json")
    status = json.load(head["Body"])["status"]
    if status != "running":
        break
    time.sleep(0.5)

s3.download_file(run["bucket"], run["prefix"] + "samples/2.png", file)
print(status)
