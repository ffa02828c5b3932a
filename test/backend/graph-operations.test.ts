import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import type { NamedTensors } from '../../lib/backend/graph/record.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import type { Tfjs } from '../../lib/program/program.ts';
import { bothWays } from './compiled.ts';

type Operation = (tf: Tfjs, x: Tensor4D, y: Tensor4D) => Tensor;

/** A loss of each kind of layer that networks are made of: its gradient is compared as well. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'sums, products, powers': (tf, x, y) => tf.pow(tf.add(tf.mul(x, y), tf.div(x, tf.add(y, 3))), 2),
  'squared difference, minimum, maximum': (tf, x, y) =>
    tf.add(tf.squaredDifference(x, y), tf.mul(tf.minimum(x, y), tf.maximum(x, 0.4))),
  'roots, logarithms, exponentials': (tf, x, y) =>
    tf.add(tf.log(tf.add(tf.exp(x), tf.sqrt(tf.abs(y)))), tf.rsqrt(tf.add(tf.square(x), 1))),
  'log1p, expm1, erf, reciprocal': (tf, x, y) =>
    tf.add(
      tf.log1p(tf.abs(x)),
      tf.add(tf.expm1(y), tf.add(tf.erf(x), tf.reciprocal(tf.add(y, 4)))),
    ),
  'tanh, sigmoid, softplus, sin, cos': (tf, x, y) =>
    tf.add(tf.mul(tf.tanh(x), tf.sigmoid(y)), tf.add(tf.softplus(x), tf.mul(tf.sin(x), tf.cos(y)))),
  'relu, relu6, elu, selu, leaky relu': (tf, x, y) =>
    tf.addN([tf.relu(x), tf.relu6(y), tf.elu(x), tf.selu(y), tf.leakyRelu(x, 0.2)]),
  prelu: (tf, x, y) => tf.prelu(x, y),
  'softmax and its logarithm': (tf, x, y) => tf.add(tf.softmax(x), tf.logSoftmax(y)),
  'log-sum-exp': (tf, x) => tf.logSumExp(x, [1, 2]),
  'mean, sum, product, largest, smallest': (tf, x, y) =>
    tf.addN([tf.mean(x, 1), tf.sum(y, 1), tf.prod(x, 1), tf.max(y, 1), tf.min(x, 1)]),
  'ghost batch norm': (tf, x, y) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const [offset, scale] = [tf.tensor1d([1, 2, 3]), tf.tensor1d([0.5, 1, 2])];
    return tf.mul(tf.batchNorm(x, mean as Tensor1D, variance as Tensor1D, offset, scale, 1e-5), y);
  },
  'norm and clipping': (tf, x, y) =>
    tf.add(tf.norm(x, 'euclidean', [1, 2], true), tf.clipByValue(y, -0.3, 0.3)),
  'reshape, transpose, squeeze, expand': (tf, x) =>
    tf.expandDims(tf.squeeze(tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [1, 4, 1, 48])), 1),
  'concatenation, split, stack, unstack': (tf, x, y) => {
    const [a, b] = tf.split(tf.concat([x, y], 3), 2, 3) as [Tensor4D, Tensor4D];
    return tf.stack([tf.mul(a, 2), ...tf.unstack(tf.stack([a, b]))], 1);
  },
  slices: (tf, x) => tf.mul(tf.slice(x, [1, 0, 0, 1], [2, 4, 4, 2]), 3),
  'padding, mirrored padding, tiles, reverse': (tf, x) =>
    tf.add(
      tf.tile(
        tf.pad(x, [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]),
        [1, 1, 1, 2],
      ),
      tf.reverse(
        tf.tile(
          tf.mirrorPad(
            tf.mul(x, 1),
            [
              [0, 0],
              [1, 1],
              [1, 1],
              [0, 0],
            ],
            'reflect',
          ),
          [1, 1, 1, 2],
        ),
        1,
      ),
    ),
  'where, step': (tf, x, y) => {
    const mask = tf.tensor([true, false, true], [1, 1, 1, 3], 'bool');
    return tf.where(tf.tile(mask, [4, 4, 4, 1]), x, tf.mul(y, tf.step(y, 0.1)));
  },
  'gather and one-hot': (tf, x) => {
    const labels = tf.tensor1d([3, 0, 0, 2], 'int32');
    return tf.mul(tf.gather(x, labels), tf.reshape(tf.oneHot(labels, 4), [4, 1, 4, 1]));
  },
  'cumulative sum': (tf, x) => tf.cumsum(x, 3),
  'matrix products, transposed and in batches': (tf, x, y) => {
    const [a, b] = [x, y].map((tensor) => tf.reshape(tensor, [4, 48])) as [Tensor2D, Tensor2D];
    const [c, d] = [x, y].map((tensor) => tf.reshape(tensor, [4, 4, 12])) as [Tensor3D, Tensor3D];
    return tf.add(tf.matMul(a, b, false, true), tf.mean(tf.matMul(c, d, true, false)));
  },
  'convolution, stride 2': (tf, x, y) => tf.conv2d(x, kernel(tf, y, [2, 2, 3, 4]), 2, 'same'),
  'convolution without padding': (tf, x, y) =>
    tf.conv2d(x, kernel(tf, y, [2, 2, 3, 4]), 1, 'valid'),
  'transposed convolution': (tf, x, y) =>
    tf.conv2dTranspose(x, kernel(tf, y, [4, 4, 2, 3]), [4, 8, 8, 2], 2, 'same'),
  'depthwise convolution': (tf, x, y) =>
    tf.depthwiseConv2d(x, kernel(tf, y, [2, 2, 3, 2]), 1, 'same'),
  'separable convolution': (tf, x, y) =>
    tf.separableConv2d(x, kernel(tf, y, [2, 2, 3, 2]), kernel(tf, y, [1, 1, 6, 4]), 1, 'same'),
  pooling: (tf, x) => tf.add(tf.maxPool(x, 2, 2, 'same'), tf.avgPool(x, 2, 2, 'valid')),
  resizing: (tf, x) =>
    tf.add(tf.image.resizeBilinear(x, [8, 8]), tf.image.resizeNearestNeighbor(x, [8, 8])),
  'space to batch and back': (tf, x) =>
    tf.mul(
      tf.batchToSpaceND(
        tf.spaceToBatchND(
          x,
          [2, 2],
          [
            [0, 0],
            [0, 0],
          ],
        ),
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      ),
      x,
    ),
  'fused layers': (tf, x, y) =>
    tf.fused.conv2d({
      x,
      filter: kernel(tf, y, [2, 2, 3, 4]),
      strides: 1,
      pad: 'same',
      bias: tf.tensor1d([1, 2, 3, 4]),
      activation: 'relu',
    }),
  'a custom gradient': (tf, x) =>
    tf.customGrad((value, save) => {
      (save as (tensors: Tensor[]) => void)([value as Tensor]);
      return { value: tf.round(value as Tensor), gradFunc: (dy) => dy };
    })(x),
};

/** What has no gradient, or none in TensorFlow.js: its value is compared. */
const WITHOUT_GRADIENT: Readonly<Record<string, Operation>> = {
  'comparison and logic': (tf, x, y) =>
    tf.logicalOr(
      tf.logicalAnd(tf.greater(x, y), tf.lessEqual(x, 1)),
      tf.logicalNot(tf.equal(tf.sign(x), tf.sign(y))),
    ),
  'whole numbers': (tf, x, y) =>
    tf.add(tf.cast(tf.floor(x), 'int32'), tf.cast(tf.round(tf.mul(y, 9)), 'int32')),
  'largest place, all, any': (tf, x, y) =>
    tf.add(tf.argMax(x, 3), tf.cast(tf.any(tf.greater(y, 0), 3), 'int32')),
  'strided slices': (tf, x) => tf.stridedSlice(x, [0, 0, 0, 0], [4, 4, 4, 3], [2, 1, 1, 2]),
  'depth to space': (tf, x) => tf.depthToSpace(tf.tile(x, [1, 1, 1, 4]) as Tensor4D, 2, 'NHWC'),
  'largest values': (tf, x) => tf.topk(x, 2).values,
  'range and linear spacing': (tf, x) =>
    tf.mul(tf.sum(x), tf.add(tf.range(0, 5), tf.linspace(0, 1, 5))),
};

/** The first numbers of a tensor as a filter. */
function kernel(tf: Tfjs, from: Tensor, shape: [number, number, number, number]): Tensor4D {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return tf.reshape(tf.slice(tf.reshape(from, [-1]), 0, size), shape);
}

/** A number from any tensor, in which each of its values has a weight of its own. */
function weightedMean(tf: Tfjs, x: Tensor): Scalar {
  const weights = tf.cos(tf.range(0, x.size));
  return tf.mean(tf.mul(tf.reshape(x, [-1]), weights));
}

describe.skipIf(!nativeIsInstalled())(
  'a graph gives the same as its operations one by one:',
  () => {
    let backend: Backend;
    let first: { x: Tensor; y: Tensor };
    let later: { x: Tensor; y: Tensor };
    let tensorsBefore: number;
    beforeAll(async () => {
      backend = await loadBackend('native', 1);
      const { tf } = backend;
      [first, later] = [1, 3].map((seed) => ({
        x: tf.randomNormal([4, 4, 4, 3], 0, 1, 'float32', seed),
        y: tf.randomNormal([4, 4, 4, 3], 0, 1, 'float32', seed + 1),
      })) as [typeof first, typeof later];
    });
    beforeEach(() => {
      tensorsBefore = backend.tf.memory().numTensors;
    });
    afterEach(() => {
      expect(backend.tf.memory().numTensors).toBe(tensorsBefore);
    });

    it.each(Object.entries(OPERATIONS))('value and gradient of %s', (_name, operation) => {
      const { tf } = backend;
      const loss = (x: Tensor, y: Tensor) =>
        tf.add<Scalar>(weightedMean(tf, operation(tf, x as Tensor4D, y as Tensor4D)), tf.mean(y));
      assertSame(({ x, y }) => {
        const { value, grads } = tf.valueAndGrads(loss)([x as Tensor, y as Tensor]);
        return [value, ...grads];
      });
    });

    it.each(Object.entries(WITHOUT_GRADIENT))('value of %s', (_name, operation) => {
      assertSame(({ x, y }) => [operation(backend.tf, x as Tensor4D, y as Tensor4D)]);
    });

    function assertSame(compute: (inputs: NamedTensors) => Tensor[]): void {
      const { compiled, eager } = bothWays(backend, compute, first, later);
      eager.forEach(({ values, ...form }, i) => {
        expect(compiled[i]).toMatchObject(form);
        const largest = Math.max(...values.map(Math.abs));
        const furthest = Math.max(
          ...values.map((value, k) => Math.abs((compiled[i]?.values[k] as number) - value)),
        );
        expect(largest).toBeGreaterThan(0);
        expect(furthest).toBeLessThanOrEqual(1e-5 * largest + 1e-7);
      });
    }
  },
);
