import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

/** Rows and columns of every kernel here. */
export const KERNEL = 4;
/** A convolution halves the sides. A transposed convolution doubles them. */
const STRIDE = 2;

/**
 * A convolution with stride 2 and 'same' padding.
 *
 * @param x `[examples, height, width, in]`
 * @param w `[4, 4, in, out]`
 * @returns `[examples, height / 2, width / 2, out]`, rounded up
 */
export function conv(tf: Tfjs, x: Tensor4D, w: Tensor4D): Tensor4D {
  return tf.conv2d(x, w, STRIDE, 'same');
}

/**
 * A transposed convolution with stride 2 and 'same' padding: the gradient of {@link conv} with
 * respect to its input.
 *
 * @param x `[examples, height, width, in]`
 * @param w `[4, 4, out, in]`
 * @returns `[examples, 2 height, 2 width, out]`
 */
export function transposedConv(tf: Tfjs, x: Tensor4D, w: Tensor4D): Tensor4D {
  const [examples, height, width] = x.shape;
  const shape = [examples, STRIDE * height, STRIDE * width, w.shape[2]] as [
    number,
    number,
    number,
    number,
  ];
  return tf.conv2dTranspose(x, w, shape, STRIDE, 'same');
}

/** Add one bias per channel. */
export function addBias(tf: Tfjs, x: Tensor4D, b: Tensor1D): Tensor4D {
  return tf.add<Tensor4D>(x, b);
}
