/**
 * The baseline: the same training written the ordinary way with tfjs-node, in one process with all
 * threads: gradients by the tape and `tf.train.adam`, random numbers by `tf.randomNormal`.
 *
 * Arguments: iterations, batch, threads (0: TensorFlow's own choice). Prints each iteration's
 * milliseconds, one a line.
 */
import { createRequire } from 'node:module';
import type * as Tf from '@tensorflow/tfjs-core';
import { DatasetCache } from '../lib/data/dataset.ts';
import { ensureDigits } from '../lib/data/digits.ts';
import { openTemporaryStore } from './temporary-store.ts';

const [iterations = 30, batch = 128, threads = 0] = process.argv.slice(2).map(Number);
process.env.TF_CPP_MIN_LOG_LEVEL = '2';
if (threads > 0) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as typeof Tf;

type Mlp = Record<'w1' | 'b1' | 'w2' | 'b2', Tf.Variable<Tf.Rank>>;

const D = createMlp(784, 400, 1);
const G = createMlp(100, 400, 784);
const optimizerD = tf.train.adam(1e-3);
const optimizerG = tf.train.adam(1e-3);

const { store, remove } = await openTemporaryStore();
const meta = await ensureDigits(store);
const dataset = await new DatasetCache(store).load(meta);
await remove();

for (let i = 0; i < iterations; i++) {
  const startedAt = performance.now();
  stepD();
  stepG();
  stepG();
  console.log(performance.now() - startedAt);
}

function createMlp(inputs: number, hidden: number, outputs: number): Mlp {
  return {
    w1: tf.variable(tf.randomNormal([inputs, hidden], 0, 1 / inputs)),
    b1: tf.variable(tf.zeros([hidden])),
    w2: tf.variable(tf.randomNormal([hidden, outputs], 0, 1 / hidden)),
    b2: tf.variable(tf.zeros([outputs])),
  };
}

function apply({ w1, b1, w2, b2 }: Mlp, x: Tf.Tensor): Tf.Tensor {
  const hidden = tf.tanh(tf.add(tf.matMul(x as Tf.Tensor2D, w1 as Tf.Tensor2D), b1));
  return tf.add(tf.matMul(hidden as Tf.Tensor2D, w2 as Tf.Tensor2D), b2);
}

function generate(): Tf.Tensor {
  return tf.sigmoid(apply(G, tf.randomNormal([batch, 100])));
}

function cost(logits: Tf.Tensor, label: number): Tf.Scalar {
  return tf.losses.sigmoidCrossEntropy(tf.fill(logits.shape, label), logits) as Tf.Scalar;
}

function stepD(): void {
  const indices = Uint32Array.from({ length: batch }, () => Math.random() * dataset.examples);
  const value = optimizerD.minimize(
    () => {
      const real = tf.tensor2d(dataset.gather(indices), [batch, 784]);
      return tf.add(cost(apply(D, real), 0.9), cost(apply(D, generate()), 0)) as Tf.Scalar;
    },
    true,
    Object.values(D),
  );
  value?.dataSync();
  value?.dispose();
}

function stepG(): void {
  const value = optimizerG.minimize(() => cost(apply(D, generate()), 1), true, Object.values(G));
  value?.dataSync();
  value?.dispose();
}
