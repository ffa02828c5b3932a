import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

/**
 * One-sided label smoothing: D is taught that a real image is real to this degree. Source: Salimans et
 * al., "Improved techniques for training GANs", 2016.
 */
export const REAL_LABEL = 0.9;

/** Of logits l against a label y: the mean of `log(1 + e^l) - l y`, which is stable for any l. */
export function meanCrossEntropy(tf: Tfjs, logits: Tensor2D, label: number): Scalar {
  return tf.mean<Scalar>(tf.sub(tf.softplus(logits), tf.mul(logits, label)));
}
