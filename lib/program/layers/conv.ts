import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

/** Rows and columns of the kernels of `dcgan`. */
export const KERNEL = 4;
/** Unless it is given: a convolution halves the sides, and a transposed one doubles them. */
const STRIDE = 2;

/**
 * A convolution with 'same' padding.
 *
 * @param x `[examples, height, width, in]`
 * @param w `[rows, columns, in, out]`
 * @returns `[examples, height / stride, width / stride, out]`, rounded up
 */
export function conv(tf: Tfjs, x: Tensor4D, w: Tensor4D, stride = STRIDE): Tensor4D {
  return tf.conv2d(x, w, stride, 'same');
}

/**
 * A transposed convolution with 'same' padding: the gradient of {@link conv} with respect to its input.
 *
 * @param x `[examples, height, width, in]`
 * @param w `[rows, columns, out, in]`
 * @returns `[examples, stride height, stride width, out]`
 */
export function transposedConv(tf: Tfjs, x: Tensor4D, w: Tensor4D, stride = STRIDE): Tensor4D {
  const [examples, height, width] = x.shape;
  const shape = [examples, stride * height, stride * width, w.shape[2]] as [
    number,
    number,
    number,
    number,
  ];
  return tf.conv2dTranspose(x, w, shape, stride, 'same');
}

/**
 * Add one bias per channel.
 *
 * @param x `[examples, height, width, channels]`
 * @param b `[channels]`
 */
export function addBias(tf: Tfjs, x: Tensor4D, b: Tensor1D): Tensor4D {
  return tf.add<Tensor4D>(x, b);
}
