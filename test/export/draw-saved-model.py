"""Draws with a SavedModel in TensorFlow. Arguments: its folder, and a file of inputs as JSON."""

import json
import sys

import tensorflow as tf

folder, file = sys.argv[1:]
with open(file, encoding="utf-8") as opened:
    inputs = json.load(opened)
draw = tf.saved_model.load(folder).signatures["serving_default"]
given = {
    name: tf.reshape(tf.constant(entry["values"], tf.float32), entry["shape"])
    for name, entry in inputs.items()
}
images = draw(**given)["images"].numpy()
print(json.dumps({"shape": images.shape, "values": images.ravel().tolist()}))
