import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

const SLOPE = 0.2;

/** `x` where it is positive, otherwise `slope x`. */
export function leakyRelu<T extends Tensor>(tf: Tfjs, x: T, slope = SLOPE): T {
  return tf.leakyRelu(x, slope);
}
