import type { Rank, Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import {
  augmentedRows,
  defineProgram,
  type ExampleShape,
  ganColumns,
  ganPhases,
  hinge,
  type Parameters,
  type PhaseSpec,
  perceptron,
  perceptronTensors,
  type Tfjs,
} from 'lambduel/program';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const SHAPE: ExampleShape = [SIDE, SIDE, 1];

/**
 * A hinge GAN of two perceptrons: in each iteration five steps of D, then one of G. D is spectrally
 * normalized, or it would be too steep for G to learn from. Source: Miyato et al., "Spectral
 * normalization for generative adversarial networks", 2018.
 */
export default defineProgram({
  name: 'hinge',
  settings: { hidden: 256, latent: 64 },
  training: { iterations: 1500, batch: 64, learningRate: 0.0005, beta1: 0.5, emaHalfLife: 5000 },
  create: ({ hidden, latent }) => ({
    networks: [
      { name: 'D', tensors: perceptronTensors([PIXELS, hidden, hidden, 1]) },
      { name: 'G', tensors: perceptronTensors([latent, hidden, hidden, PIXELS]) },
    ],
    phases: ganPhases({ D: discriminatorLoss, G: generatorLoss }, { steps: { D: 5, G: 1 } }),
    latent,
    exampleShape: SHAPE,
    columns: ganColumns,
    augments: true,
    generator: 'G',
    generate: draw,
  }),
});

const discriminatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, inputs) => {
  const real = augmentedRows(tf, inputs.real as Tensor2D, SHAPE, inputs, 'real');
  const fake = augmentedRows(tf, draw(tf, G, inputs.noise), SHAPE, inputs, 'fake');
  const onReal = judge(tf, D, real);
  const onFake = judge(tf, D, fake);
  return {
    loss: hinge.discriminator(tf, onReal, onFake),
    statistics: [tf.mean<Scalar>(tf.sigmoid(onReal))],
  };
};

const generatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, inputs) => {
  const fakes = draw(tf, G, inputs.noise);
  const onFake = judge(tf, D, augmentedRows(tf, fakes, SHAPE, inputs, 'fake'));
  return {
    loss: hinge.generator(tf, onFake),
    statistics: [tf.mean<Scalar>(tf.sigmoid(onFake)), tf.max<Scalar>(fakes)],
  };
};

function draw(tf: Tfjs, G: Parameters, noise: Tensor2D): Tensor2D {
  return tf.sigmoid(perceptron(tf, G, noise));
}

function judge(tf: Tfjs, D: Parameters, images: Tensor2D): Tensor2D {
  const normalized = Object.entries(D).map(([name, tensor]) => {
    if (tensor.rank !== 2) return [name, tensor];
    return [name, tf.div(tensor, largestSingularValue(tf, tensor as Tensor2D))];
  });
  return perceptron(tf, Object.fromEntries(normalized), images);
}

/** By a few steps of the power method, always from the same vector: nothing is kept from call to call. */
function largestSingularValue(tf: Tfjs, w: Tensor2D): Scalar {
  let right = tf.ones<Rank.R2>([w.shape[1], 1]);
  for (let step = 0; step < 5; step++) {
    const left = unit(tf, tf.matMul(w, right));
    right = unit(tf, tf.matMul(w, left, true));
  }
  return tf.norm(tf.matMul(w, right)) as Scalar;
}

function unit(tf: Tfjs, vector: Tensor2D): Tensor2D {
  return tf.div(vector, tf.add(tf.norm(vector), 1e-8));
}
