import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { DrawingInputs, Parameters, Tfjs } from '../program.ts';
import { type Affine, GROUP_SIZE, ghostNorm, type Moments, standingNorm } from './ghost-norm.ts';
import { tensorOf } from './tensors.ts';

/** How many examples statistics are computed from at once. Bounds memory. */
const CHUNK = 2 * GROUP_SIZE;

/**
 * How a generator normalizes: a network that is given this computes the same layers in a loss, where
 * groups of examples are normalized, and in a drawing, where each image is drawn by itself.
 *
 * @param layer the number of the normalized layer, which its statistics are named by
 */
export type Normalize = (x: Tensor4D, affine: Affine, layer: number) => Tensor4D;

/**
 * How losses normalize: every group of 32 examples by itself.
 *
 * @param tf TensorFlow.js
 */
export function groupNorms(tf: Tfjs): Normalize {
  return (x, affine) => ghostNorm(tf, x, affine);
}

/**
 * How drawings normalize: each image by itself.
 *
 * @param tf TensorFlow.js
 * @param statistics those of {@link standingStatisticsOf}
 */
export function standingNorms(tf: Tfjs, statistics: Parameters = {}): Normalize {
  return (x, affine, layer) => {
    const mean = tensorOf<Tensor1D>(statistics, `mean${layer}`);
    const variance = tensorOf<Tensor1D>(statistics, `variance${layer}`);
    return standingNorm(tf, x, affine, { mean, variance });
  };
}

/**
 * Standing statistics of a network with ghost batch norm: mean and variance of each normalized layer,
 * `mean0`, `variance0` and so on. They are the mean of those that the groups have while training.
 *
 * @param noise `[examples, latent]`, a multiple of 32 examples
 * @param given labels, if the program wants some
 * @param compute computes the network, at least as far as its last normalized layer
 */
export function standingStatisticsOf(
  tf: Tfjs,
  noise: Tensor2D,
  { labels }: Pick<DrawingInputs, 'labels'>,
  compute: (noise: Tensor2D, labels: Tensor2D | undefined, normalize: Normalize) => unknown,
): Parameters {
  const layers: Record<number, Moments<Tensor2D>[]> = {};
  for (let first = 0; first < noise.shape[0]; first += CHUNK) {
    const examples = Math.min(CHUNK, noise.shape[0] - first);
    const part = (rows: Tensor2D) => tf.slice2d(rows, [first, 0], [examples, rows.shape[1]]);
    const chunk = tf.tidy(() => {
      const seen: { layer: number; mean: Tensor2D; variance: Tensor2D }[] = [];
      const normalize: Normalize = (x, affine, layer) =>
        ghostNorm(tf, x, affine, (moments) => seen.push({ layer, ...moments }));
      compute(part(noise), labels && part(labels), normalize);
      return seen;
    });
    for (const { layer, ...moments } of chunk) {
      layers[layer] = [...(layers[layer] ?? []), moments];
    }
  }
  const meanOf = (parts: Tensor2D[]) => tf.mean<Tensor1D>(tf.concat(parts), 0);
  return Object.fromEntries(
    Object.entries(layers).flatMap(([layer, moments]) => [
      [`mean${layer}`, meanOf(moments.map(({ mean }) => mean))],
      [`variance${layer}`, meanOf(moments.map(({ variance }) => variance))],
    ]),
  );
}
