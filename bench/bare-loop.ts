/**
 * The baseline: the same training written the ordinary way with tfjs-node, in one process with all
 * threads: gradients by the tape and `tf.train.adam`, random numbers by `tf.randomNormal`.
 *
 * Arguments: program, iterations, batch, threads (0: TensorFlow's own choice). Prints each iteration's
 * milliseconds, one a line.
 */
import { createRequire } from 'node:module';
import type * as Tf from '@tensorflow/tfjs-core';
import { DatasetCache } from '../lib/data/dataset.ts';
import { ensureDigits } from '../lib/data/digits.ts';
import { createDcgan } from './bare-dcgan.ts';
import { lossOfD, lossOfG } from './bare-losses.ts';
import { createMlpGan } from './bare-mlp.ts';
import { openTemporaryStore } from './temporary-store.ts';

const [program, ...numbers] = process.argv.slice(2);
const [iterations = 30, batch = 128, threads = 0] = numbers.map(Number);
process.env.TF_CPP_MIN_LOG_LEVEL = '2';
if (threads > 0) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as typeof Tf;

const model = program === 'dcgan' ? createDcgan(tf) : createMlpGan(tf);
const optimizerD = tf.train.adam(model.learningRate, model.beta1);
const optimizerG = tf.train.adam(model.learningRate, model.beta1);

const { store, remove } = await openTemporaryStore();
const meta = await ensureDigits(store);
const dataset = await new DatasetCache(store).load(meta);
await remove();

for (let i = 0; i < iterations; i++) {
  const startedAt = performance.now();
  step(optimizerD, Object.values(model.D), () => lossOfD(tf, model, drawReals(), drawNoise()));
  step(optimizerG, Object.values(model.G), () => lossOfG(tf, model, drawNoise()));
  step(optimizerG, Object.values(model.G), () => lossOfG(tf, model, drawNoise()));
  console.log(performance.now() - startedAt);
}

function step(optimizer: Tf.Optimizer, weights: Tf.Variable[], loss: () => Tf.Scalar): void {
  const value = optimizer.minimize(loss, true, weights);
  value?.dataSync();
  value?.dispose();
}

function drawNoise(): Tf.Tensor2D {
  return tf.randomNormal([batch, model.latent]);
}

function drawReals(): Tf.Tensor {
  const indices = Uint32Array.from({ length: batch }, () => Math.random() * dataset.examples);
  return tf.tensor(dataset.gather(indices), [batch, ...model.imageShape]);
}
