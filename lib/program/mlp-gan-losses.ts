import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { ExampleShape } from './example-shape.ts';
import { augmentedRows } from './layers/augment.ts';
import { nonSaturating } from './layers/losses.ts';
import { perceptron } from './layers/perceptron.ts';
import type { Parameters, PhaseSpec, Tfjs } from './program.ts';

/** Images from noise: `sigmoid(tanh(z w1 + b1) w2 + b2)`, `[examples, pixels]`, values 0 to 1. */
export function generate(tf: Tfjs, generator: Parameters, noise: Tensor2D): Tensor2D {
  return tf.sigmoid(tanhPerceptron(tf, generator, noise));
}

/** Mean cross-entropy of D on reals against 0.9, plus that of D on fakes against 0. */
export function discriminatorLoss(outputScale: number, shape: ExampleShape): PhaseSpec['loss'] {
  return (tf, { D = {}, G = {} }, inputs) => {
    const { noise, real } = inputs;
    if (!real) throw new Error('The discriminator needs real examples');
    const fake = scaled(tf, generate(tf, G, noise), outputScale);
    const examples = real.shape[0];
    const seen = [
      augmentedRows(tf, real, shape, inputs, 'real'),
      augmentedRows(tf, fake, shape, inputs, 'fake'),
    ];
    const logits = tanhPerceptron(tf, D, tf.concat(seen));
    const [onReal, onFake] = tf.split<Tensor2D>(logits, [examples, examples]) as [
      Tensor2D,
      Tensor2D,
    ];
    const loss = nonSaturating.discriminator(tf, onReal, onFake);
    return { loss, statistics: [tf.mean<Scalar>(tf.sigmoid(onReal))] };
  };
}

/** Mean cross-entropy of D on fakes against 1: the loss that does not saturate. */
export function generatorLoss(outputScale: number, shape: ExampleShape): PhaseSpec['loss'] {
  return (tf, { D = {}, G = {} }, inputs) => {
    const fake = scaled(tf, generate(tf, G, inputs.noise), outputScale);
    const logits = tanhPerceptron(tf, D, augmentedRows(tf, fake, shape, inputs, 'fake'));
    return {
      loss: nonSaturating.generator(tf, logits),
      statistics: [tf.mean<Scalar>(tf.sigmoid(logits)), tf.max<Scalar>(fake)],
    };
  };
}

/** Leaves out a multiplication by 1, and its gradient: a batch of images is large. */
function scaled(tf: Tfjs, images: Tensor2D, scale: number): Tensor2D {
  return scale === 1 ? images : tf.mul<Tensor2D>(images, scale);
}

/** `tanh(x w1 + b1) w2 + b2`. */
function tanhPerceptron(tf: Tfjs, parameters: Parameters, x: Tensor2D): Tensor2D {
  return perceptron(tf, parameters, x, { activation: (hidden) => tf.tanh(hidden) });
}
