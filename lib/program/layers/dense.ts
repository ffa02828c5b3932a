import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

/**
 * A dense layer: `x w + b`.
 *
 * @param x `[examples, in]`
 * @param w `[in, out]`
 * @param b `[out]`
 * @returns `[examples, out]`
 */
export function dense(tf: Tfjs, x: Tensor2D, w: Tensor2D, b: Tensor1D): Tensor2D {
  return tf.add<Tensor2D>(tf.matMul(x, w), b);
}
