import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { DcganForm } from './dcgan-networks.ts';
import { addBias, transposedConv } from './layers/conv.ts';
import { dense } from './layers/dense.ts';
import type { Affine } from './layers/ghost-norm.ts';
import {
  groupNorms,
  type Normalize,
  standingNorms,
  standingStatisticsOf,
} from './layers/standing-statistics.ts';
import { tensorOf } from './layers/tensors.ts';
import type { DrawingInputs, Parameters, Tfjs } from './program.ts';

/** Images while training: every group of 32 examples is normalized by itself. */
export function trainingImages(
  tf: Tfjs,
  form: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  labels: Tensor2D | undefined,
): Tensor4D {
  const x = hidden(tf, form, generator, noise, labels, groupNorms(tf));
  return images(tf, form, generator, x);
}

/** Images one by one, `[examples, values]`: normalized by standing statistics. */
export function drawnImages(
  tf: Tfjs,
  form: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  { statistics, labels }: DrawingInputs,
): Tensor2D {
  const x = hidden(tf, form, generator, noise, labels, standingNorms(tf, statistics));
  const drawn = images(tf, form, generator, x);
  return tf.reshape(drawn, [noise.shape[0], form.size * form.size * form.channels]);
}

/** Mean and variance of each normalized layer, `mean0`, `variance0`, `mean1` and so on. */
export function generatorStatistics(
  tf: Tfjs,
  form: DcganForm,
  generator: Parameters,
  noise: Tensor2D,
  given: Pick<DrawingInputs, 'labels'>,
): Parameters {
  return standingStatisticsOf(tf, noise, given, (part, labels, normalize) =>
    hidden(tf, form, generator, part, labels, normalize),
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
