import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

/** Consecutive examples of the global batch that are normalized together. */
export const GROUP_SIZE = 32;
/** Added to a variance, so that a constant channel does not divide by zero. */
const EPSILON = 1e-5;

/** What a norm multiplies by and adds, one number per channel. */
export interface Affine {
  /** The factor. */
  readonly gain: Tensor1D;
  /** What is added then. */
  readonly shift: Tensor1D;
}

/** Mean and variance of each channel, over examples and places. */
export interface Moments<T extends Tensor> {
  /** The sum by the number of values. */
  readonly mean: T;
  /** Biased: the squared distances to the mean, by the number of values. */
  readonly variance: T;
}

/**
 * Ghost batch norm: normalize each channel by its mean and (biased) variance over all places of the
 * 32 examples of a group. Groups are fixed in the global batch, so the result does not depend on
 * how the batch is cut into shards, as long as no shard cuts a group.
 *
 * Source: Hoffer, Hubara and Soudry, "Train longer, generalize better", 2017.
 *
 * @param x `[examples, height, width, channels]`, examples a multiple of 32
 * @param observe gets the groups' moments, `[groups, channels]`
 * @throws Error when the examples cannot be cut into groups of 32
 */
export function ghostNorm(
  tf: Tfjs,
  x: Tensor4D,
  { gain, shift }: Affine,
  observe?: (moments: Moments<Tensor2D>) => void,
): Tensor4D {
  const [examples, height, width, channels] = x.shape;
  const groups = examples / GROUP_SIZE;
  if (!Number.isInteger(groups)) {
    throw new Error(`${examples} examples cannot be normalized in groups of ${GROUP_SIZE}`);
  }
  const grouped = tf.reshape(x, [groups, GROUP_SIZE * height * width, channels]);
  const mean = tf.mean(grouped, 1, true);
  const centred = tf.sub(grouped, mean);
  const variance = tf.mean(tf.square(centred), 1, true);
  observe?.({
    mean: tf.reshape(mean, [groups, channels]),
    variance: tf.reshape(variance, [groups, channels]),
  });
  const normalized = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add<Tensor4D>(tf.mul(tf.reshape(normalized, x.shape), gain), shift);
}

/**
 * Normalize by moments that are given: each example by itself.
 *
 * @param x `[examples, height, width, channels]`
 */
export function standingNorm(
  tf: Tfjs,
  x: Tensor4D,
  { gain, shift }: Affine,
  { mean, variance }: Moments<Tensor1D>,
): Tensor4D {
  const normalized = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON)));
  return tf.add<Tensor4D>(tf.mul(normalized, gain), shift);
}
