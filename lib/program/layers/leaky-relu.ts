import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

const SLOPE = 0.2;

/** x where it is positive, otherwise 0.2 x. */
export function leakyRelu(tf: Tfjs, x: Tensor4D): Tensor4D {
  return tf.leakyRelu(x, SLOPE);
}
