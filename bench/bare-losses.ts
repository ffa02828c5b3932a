import type * as Tf from '@tensorflow/tfjs-core';
import type { BareModel } from './bare-model.ts';

/** Of D: reals against 0.9, fakes against 0. */
export function lossOfD(
  tf: typeof Tf,
  { generate, judge }: BareModel,
  real: Tf.Tensor,
  noise: Tf.Tensor2D,
): Tf.Scalar {
  return tf.add(cost(tf, judge(real), 0.9), cost(tf, judge(generate(noise)), 0));
}

/** Of G: fakes against 1. */
export function lossOfG(
  tf: typeof Tf,
  { generate, judge }: BareModel,
  noise: Tf.Tensor2D,
): Tf.Scalar {
  return cost(tf, judge(generate(noise)), 1);
}

function cost(tf: typeof Tf, logits: Tf.Tensor, label: number): Tf.Scalar {
  return tf.losses.sigmoidCrossEntropy(tf.fill(logits.shape, label), logits) as Tf.Scalar;
}
