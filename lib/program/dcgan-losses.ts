import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { trainingImages } from './dcgan-generator.ts';
import type { DcganForm } from './dcgan-networks.ts';
import { augmented } from './layers/augment.ts';
import { addBias, conv } from './layers/conv.ts';
import { dense } from './layers/dense.ts';
import { ghostNorm } from './layers/ghost-norm.ts';
import { leakyRelu } from './layers/leaky-relu.ts';
import { nonSaturating } from './layers/losses.ts';
import { tensorOf } from './layers/tensors.ts';
import type { Parameters, PhaseSpec, Tfjs } from './program.ts';

/**
 * Mean cross-entropy of D on reals against 0.9, plus that of D on fakes against 0. Reals and fakes pass
 * D separately, so that a norm sees only one kind.
 */
export function discriminatorLoss(form: DcganForm): PhaseSpec['loss'] {
  return (tf, { D = {}, G = {} }, inputs) => {
    const { noise, real, realLabels, fakeLabels } = inputs;
    if (!real) throw new Error('The discriminator needs real examples');
    const { size, channels } = form;
    const reals = tf.reshape(real, [real.shape[0], size, size, channels]) as Tensor4D;
    const fakes = trainingImages(tf, form, G, noise, fakeLabels);
    const onReal = verdict(tf, form, D, augmented(tf, reals, inputs, 'real'), realLabels);
    const onFake = verdict(tf, form, D, augmented(tf, fakes, inputs, 'fake'), fakeLabels);
    const loss = nonSaturating.discriminator(tf, onReal, onFake);
    return { loss, statistics: [tf.mean<Scalar>(tf.sigmoid(onReal))] };
  };
}

/** Mean cross-entropy of D on fakes against 1: the loss that does not saturate. */
export function generatorLoss(form: DcganForm): PhaseSpec['loss'] {
  return (tf, { D = {}, G = {} }, inputs) => {
    const { noise, fakeLabels } = inputs;
    const fakes = trainingImages(tf, form, G, noise, fakeLabels);
    const logits = verdict(tf, form, D, augmented(tf, fakes, inputs, 'fake'), fakeLabels);
    return {
      loss: nonSaturating.generator(tf, logits),
      statistics: [tf.mean<Scalar>(tf.sigmoid(logits)), tf.max<Scalar>(fakes)],
    };
  };
}

/** Logits of how real D holds images to be: `[examples, 1]`. */
function verdict(
  tf: Tfjs,
  { stages, size, classes }: DcganForm,
  discriminator: Parameters,
  images: Tensor4D,
  labels: Tensor2D | undefined,
): Tensor2D {
  const [examples] = images.shape;
  let x = images;
  if (labels) {
    const planes = tf.reshape(labels, [examples, 1, 1, classes]);
    x = tf.concat4d([images, tf.tile(planes, [1, size, size, 1]) as Tensor4D], 3);
  }
  for (let layer = 0; layer < stages; layer++) {
    x = conv(tf, x, tensorOf(discriminator, `w${layer}`));
    x =
      layer === 0
        ? addBias(tf, x, tensorOf(discriminator, 'b0'))
        : ghostNorm(tf, x, {
            gain: tensorOf(discriminator, `gain${layer}`),
            shift: tensorOf(discriminator, `shift${layer}`),
          });
    x = leakyRelu(tf, x);
  }
  const flat = tf.reshape(x, [examples, x.size / examples]) as Tensor2D;
  const [w, b] = [`w${stages}`, `b${stages}`];
  return dense(tf, flat, tensorOf(discriminator, w), tensorOf(discriminator, b));
}
