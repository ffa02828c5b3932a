import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
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

/** A hinge GAN of two perceptrons: in each iteration five steps of D, then one of G. */
export default defineProgram({
  name: 'hinge',
  settings: { hidden: 256, latent: 64 },
  training: { iterations: 1500, batch: 64, learningRate: 0.0002, beta1: 0.5, emaHalfLife: 5000 },
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
  const onReal = perceptron(tf, D, real);
  const onFake = perceptron(tf, D, fake);
  return {
    loss: hinge.discriminator(tf, onReal, onFake),
    statistics: [tf.mean<Scalar>(tf.sigmoid(onReal))],
  };
};

const generatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, inputs) => {
  const fakes = draw(tf, G, inputs.noise);
  const onFake = perceptron(tf, D, augmentedRows(tf, fakes, SHAPE, inputs, 'fake'));
  return {
    loss: hinge.generator(tf, onFake),
    statistics: [tf.mean<Scalar>(tf.sigmoid(onFake)), tf.max<Scalar>(fakes)],
  };
};

function draw(tf: Tfjs, G: Parameters, noise: Tensor2D): Tensor2D {
  return tf.sigmoid(perceptron(tf, G, noise));
}
