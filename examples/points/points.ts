import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import {
  defineProgram,
  ganColumns,
  ganPhases,
  nonSaturating,
  type Parameters,
  type PhaseSpec,
  perceptron,
  perceptronTensors,
  type Tfjs,
} from 'lambduel/program';

/** A GAN that draws points of the plane. A point is an image of one row and two columns: x and y, 0 to 1. */
export default defineProgram({
  name: 'points',
  settings: { hidden: 64, latent: 2 },
  training: { iterations: 4000, batch: 128, beta1: 0.5, emaHalfLife: 5000 },
  create: ({ hidden, latent }) => ({
    networks: [
      { name: 'D', tensors: perceptronTensors([2, hidden, hidden, 1]) },
      { name: 'G', tensors: perceptronTensors([latent, hidden, hidden, 2]) },
    ],
    phases: ganPhases({ D: discriminatorLoss, G: generatorLoss }, { steps: { D: 1, G: 1 } }),
    latent,
    exampleShape: [1, 2, 1],
    columns: ganColumns,
    generator: 'G',
    generate: draw,
  }),
});

const discriminatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, { noise, real }) => {
  const onReal = judge(tf, D, real as Tensor2D);
  const onFake = judge(tf, D, draw(tf, G, noise));
  return {
    loss: nonSaturating.discriminator(tf, onReal, onFake),
    statistics: [tf.mean<Scalar>(tf.sigmoid(onReal))],
  };
};

const generatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, { noise }) => {
  const fakes = draw(tf, G, noise);
  const onFake = judge(tf, D, fakes);
  return {
    loss: nonSaturating.generator(tf, onFake),
    statistics: [tf.mean<Scalar>(tf.sigmoid(onFake)), tf.max<Scalar>(fakes)],
  };
};

function draw(tf: Tfjs, G: Parameters, noise: Tensor2D): Tensor2D {
  return tf.sigmoid(perceptron(tf, G, noise));
}

/** Points lie close together. D tells them apart sooner on a larger plane. */
function judge(tf: Tfjs, D: Parameters, points: Tensor2D): Tensor2D {
  return perceptron(tf, D, tf.mul<Tensor2D>(tf.sub(points, 0.5), 10));
}
