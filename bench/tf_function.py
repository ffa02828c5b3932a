"""The same iteration in TensorFlow Python, as one tf.function: D, G, G with Adam.

Arguments: iterations, batch. Uses all threads. Prints each iteration's milliseconds, one a line.
Ends with exit code 3 where there is no TensorFlow.
"""

import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
try:
    import tensorflow as tf
except ImportError:
    sys.exit(3)

ITERATIONS, BATCH = int(sys.argv[1]), int(sys.argv[2])
LATENT, HIDDEN, PIXELS = 100, 400, 784
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


def perceptron(inputs, outputs):
    return [
        tf.Variable(tf.random.normal([inputs, HIDDEN], stddev=1 / inputs)),
        tf.Variable(tf.zeros([HIDDEN])),
        tf.Variable(tf.random.normal([HIDDEN, outputs], stddev=1 / HIDDEN)),
        tf.Variable(tf.zeros([outputs])),
    ]


D, G = perceptron(PIXELS, 1), perceptron(LATENT, PIXELS)
moments = {w.ref(): (tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in D + G}
updates = {"D": tf.Variable(0.0), "G": tf.Variable(0.0)}
digits = tf.constant(tf.random.uniform([10_000, PIXELS]))


def apply(w, x):
    return tf.matmul(tf.tanh(tf.matmul(x, w[0]) + w[1]), w[2]) + w[3]


def cost(logits, label):
    return tf.reduce_mean(tf.nn.softplus(logits) - label * logits)


def fakes():
    return tf.sigmoid(apply(G, tf.random.normal([BATCH, LATENT])))


def adam(name, weights, gradients):
    t = updates[name].assign_add(1.0)
    rate = RATE * tf.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    for w, g in zip(weights, gradients):
        m, v = moments[w.ref()]
        m.assign(BETA1 * m + (1 - BETA1) * g)
        v.assign(BETA2 * v + (1 - BETA2) * g * g)
        w.assign_sub(rate * m / (tf.sqrt(v) + EPSILON))


@tf.function
def iteration():
    real = tf.gather(digits, tf.random.uniform([BATCH], 0, 10_000, tf.int32))
    with tf.GradientTape() as tape:
        logits = apply(D, tf.concat([real, fakes()], 0))
        loss = cost(logits[:BATCH], 0.9) + cost(logits[BATCH:], 0.0)
    adam("D", D, tape.gradient(loss, D))
    for _ in range(2):
        with tf.GradientTape() as tape:
            loss = cost(apply(D, fakes()), 1.0)
        adam("G", G, tape.gradient(loss, G))
    return loss


for _ in range(ITERATIONS):
    started = time.perf_counter()
    iteration().numpy()
    print((time.perf_counter() - started) * 1000)
