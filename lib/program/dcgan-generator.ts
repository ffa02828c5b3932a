import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { DcganForm } from './dcgan-networks.ts';
import { addBias, transposedConv } from './layers/conv.ts';
import { dense } from './layers/dense.ts';
import {
  type Affine,
  GROUP_SIZE,
  ghostNorm,
  type Moments,
  standingNorm,
} from './layers/ghost-norm.ts';
import { tensorOf } from './layers/tensors.ts';
import type { DrawingInputs, Parameters, Tfjs } from './program.ts';

/** How many examples standing statistics are computed from at once. Bounds memory. */
const CHUNK = 2 * GROUP_SIZE;

/** How layer `layer` is normalized. */
type Normalize = (x: Tensor4D, affine: Affine, layer: number) => Tensor4D;

/** Images while training: every group of 32 examples is normalized by itself. */
export function trainingImages(
  tf: Tfjs,
  form: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  labels: Tensor2D | undefined,
): Tensor4D {
  const norm: Normalize = (x, affine) => ghostNorm(tf, x, affine);
  return images(tf, form, generator, hidden(tf, form, generator, noise, labels, norm));
}

/** Images one by one, `[examples, values]`: normalized by standing statistics. */
export function drawnImages(
  tf: Tfjs,
  form: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  { statistics = {}, labels }: DrawingInputs,
): Tensor2D {
  const norm: Normalize = (x, affine, layer) => {
    const mean = tensorOf<Tensor1D>(statistics, `mean${layer}`);
    const variance = tensorOf<Tensor1D>(statistics, `variance${layer}`);
    return standingNorm(tf, x, affine, { mean, variance });
  };
  const drawn = images(tf, form, generator, hidden(tf, form, generator, noise, labels, norm));
  return tf.reshape(drawn, [noise.shape[0], form.size * form.size * form.channels]);
}

/**
 * Mean and variance of each normalized layer, `mean0`, `variance0`, `mean1` and so on: the mean of
 * those that the groups of 32 examples have while training.
 *
 * @param noise a multiple of 32 examples
 */
export function generatorStatistics(
  tf: Tfjs,
  form: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  labels: Tensor2D | undefined,
): Parameters {
  const layers: Moments<Tensor2D>[][] = Array.from({ length: form.stages }, () => []);
  for (let first = 0; first < noise.shape[0]; first += CHUNK) {
    const examples = Math.min(CHUNK, noise.shape[0] - first);
    const part = (rows: Tensor2D) => tf.slice2d(rows, [first, 0], [examples, rows.shape[1]]);
    const chunk = tf.tidy(() => {
      const moments: Moments<Tensor2D>[] = [];
      const norm: Normalize = (x, affine) => ghostNorm(tf, x, affine, (seen) => moments.push(seen));
      hidden(tf, form, generator, part(noise), labels && part(labels), norm);
      return moments.map(({ mean, variance }) => ({ mean, variance }));
    });
    chunk.forEach((moments, layer) => void layers[layer]?.push(moments));
  }
  const meanOf = (parts: Tensor2D[]) => tf.mean<Tensor1D>(tf.concat(parts), 0);
  return Object.fromEntries(
    layers.flatMap((moments, layer) => [
      [`mean${layer}`, meanOf(moments.map(({ mean }) => mean))],
      [`variance${layer}`, meanOf(moments.map(({ variance }) => variance))],
    ]),
  );
}

/** All but the last layer: `[examples, size / 2, size / 2, features]`. */
function hidden(
  tf: Tfjs,
  { stages, base, widths }: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  labels: Tensor2D | undefined,
  normalize: Normalize,
): Tensor4D {
  const affine = (layer: number): Affine => ({
    gain: tensorOf(generator, `gain${layer}`),
    shift: tensorOf(generator, `shift${layer}`),
  });
  const input = labels ? tf.concat2d([noise, labels], 1) : noise;
  const projected = dense(tf, input, tensorOf(generator, 'w0'), tensorOf(generator, 'b0'));
  let x = tf.reshape(projected, [noise.shape[0], base, base, widths.at(-1) ?? 0]) as Tensor4D;
  x = tf.relu(normalize(x, affine(0), 0));
  for (let layer = 1; layer < stages; layer++) {
    x = transposedConv(tf, x, tensorOf(generator, `w${layer}`));
    x = tf.relu(normalize(x, affine(layer), layer));
  }
  return x;
}

function images(tf: Tfjs, { stages }: DcganForm, generator: Parameters, x: Tensor4D): Tensor4D {
  const drawn = transposedConv(tf, x, tensorOf(generator, `w${stages}`));
  return tf.sigmoid(addBias(tf, drawn, tensorOf(generator, `b${stages}`)));
}
