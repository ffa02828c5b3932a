import type { NamedAttrMap, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program/program.ts';

const KERNEL = 'Conv2DBackpropFilter';

interface Attributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/**
 * Give the WebAssembly backend the gradient of a convolution with respect to its filter, the one kernel
 * that it lacks for training convolutional networks (tfjs-backend-wasm 4.22). For each place of the
 * filter it is the product of the inputs that the place has met and the outputs' gradient.
 */
export function registerConvFilterGradient(tf: Tfjs): void {
  if (tf.getKernel(KERNEL, 'wasm')) return;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as { x: Tensor4D; dy: Tensor4D };
      return filterGradient(tf, x, dy, attrs as NamedAttrMap & Attributes);
    },
  });
}

function filterGradient(
  tf: Tfjs,
  x: Tensor4D,
  dy: Tensor4D,
  { strides, pad, dimRoundingMode, filterShape }: Attributes,
): Tensor {
  const info = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { batchSize, outHeight, outWidth, inChannels, outChannels, padInfo } = info;
  const { strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const places = batchSize * outHeight * outWidth;
  return tf.tidy(() => {
    const { top, bottom, left, right } = padInfo;
    const padded = tf.pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const gradient = tf.reshape(dy, [places, outChannels]) as Tensor2D;
    const parts: Tensor2D[] = [];
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++) {
        const end = [
          batchSize,
          row + (outHeight - 1) * strideHeight + 1,
          column + (outWidth - 1) * strideWidth + 1,
          inChannels,
        ];
        const steps = [1, strideHeight, strideWidth, 1];
        const met = tf.stridedSlice(padded, [0, row, column, 0], end, steps);
        parts.push(tf.matMul(tf.reshape(met, [places, inChannels]) as Tensor2D, gradient, true));
      }
    }
    return tf.reshape(tf.stack(parts), filterShape);
  });
}
