import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { START_MS } from '../support/shared-localstack.ts';
import { Cloud, uniqueName } from './cloud.ts';

const TEST_MS = 60_000;
const MIB = 1_048_576;

describe('S3 and SQS on LocalStack', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await Cloud.shared();
  }, START_MS);

  it('let one of many conditional creations win', { timeout: TEST_MS }, async () => {
    const Bucket = uniqueName();
    await cloud.s3.send(new CreateBucketCommand({ Bucket }));
    const create = (Body: string) =>
      cloud.s3
        .send(new PutObjectCommand({ Bucket, Key: 'key', Body, IfNoneMatch: '*' }))
        .then(() => 200, statusOf);

    const statuses = await Promise.all(['a', 'b', 'c', 'd'].map(create));

    expect(statuses.sort()).toEqual([200, 412, 412, 412]);
  });

  it('replace an object only if it is the one that was read', { timeout: TEST_MS }, async () => {
    const Bucket = uniqueName();
    const Key = 'head.json';
    await cloud.s3.send(new CreateBucketCommand({ Bucket }));
    const { ETag } = await cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'one' }));
    const replace = (Body: string) =>
      cloud.s3
        .send(new PutObjectCommand({ Bucket, Key, Body, IfMatch: ETag }))
        .then(() => 200, statusOf);

    const statuses = [await replace('two'), await replace('three')];

    const object = await cloud.s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(statuses).toEqual([200, 412]);
    expect(await object.Body?.transformToString()).toBe('two');
  });

  it('carry a message of 1 MiB, and none that is larger', { timeout: TEST_MS }, async () => {
    const { url: QueueUrl } = await cloud.createQueue();
    const MessageBody = 'x'.repeat(MIB);

    await cloud.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const tooLarge = new SendMessageCommand({ QueueUrl, MessageBody: `${MessageBody}x` });
    const status = await cloud.sqs.send(tooLarge).then(() => 200, statusOf);
    const { Messages } = await cloud.sqs.send(new ReceiveMessageCommand({ QueueUrl }));

    expect(status).toBe(400);
    expect(Messages?.map(({ Body }) => Body === MessageBody)).toEqual([true]);
  });
});

function statusOf(error: { $metadata?: { httpStatusCode?: number } }): number | undefined {
  return error.$metadata?.httpStatusCode;
}
