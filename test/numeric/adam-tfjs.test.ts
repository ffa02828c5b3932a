import type { Scalar } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { adamStep, initialAdamState } from '../../lib/numeric/adam.ts';
import { normals, StreamTag, streamKey } from '../../lib/numeric/random.ts';
import { availableBackend } from '../support/backend.ts';

const SETTINGS = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const STEPS = 60;
const SIZE = 200;

/**
 * `tf.train.adam` is the paper's algorithm 1: it divides by `sqrt(v / (1 - b2^t)) + eps`, where
 * TensorFlow 1's form has `eps / sqrt(1 - b2^t)` in eps's place, up to 32 times as much. With
 * gradients of 0.5 and more that is less than 1e-6 of a step, so there the two have to agree.
 */
it('agrees with tf.train.adam where epsilon is negligible', async () => {
  // Prepare
  const { tf } = await availableBackend();
  const start = normals(streamKey(1, StreamTag.noise, 0), 0, 1, SIZE);
  const gradientOf = (step: number) =>
    normals(streamKey(1, StreamTag.noise, step), 0, 1, SIZE).map((g) => g + 0.5 * Math.sign(g));
  const variable = tf.variable(tf.tensor1d(start));
  const { learningRate, beta1, beta2, epsilon } = SETTINGS;
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  let state = initialAdamState(start.slice());
  // Act
  for (let step = 1; step <= STEPS; step++) {
    const gradient = gradientOf(step);
    optimizer.minimize(() => tf.sum(tf.mul(variable, tf.tensor1d(gradient))) as Scalar);
    state = adamStep(state, Float64Array.from(gradient), 1, SETTINGS);
  }
  // Assess: the state's float32 rounding of each step, and 1e-5 of the way gone for the forms
  const theirs = variable.dataSync();
  const farthest = Math.max(...start.map((w, i) => Math.abs((theirs[i] as number) - w)));
  expect(farthest).toBeGreaterThan(0.01); // it did train
  state.parameters.forEach((ours, i) => {
    const unit = 2 ** -23 * Math.max(1, Math.abs(start[i] as number));
    const tolerance = STEPS * unit + 1e-5 * STEPS * learningRate;
    expect(Math.abs(ours - (theirs[i] as number))).toBeLessThan(tolerance);
  });
});
