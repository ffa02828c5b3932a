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

/** Points that D judges together. */
const PACK = 4;

/**
 * A GAN that draws points of the plane. A point is an image of one row and two columns: x and y, 0 to 1.
 * D judges several points at once, so that it can tell points that are all alike from real ones. Source:
 * Lin et al., "PacGAN: the power of two samples in generative adversarial networks", 2018.
 */
export default defineProgram({
  name: 'points',
  settings: { hidden: 64, latent: 2 },
  training: { iterations: 5000, batch: 256, beta1: 0.5, emaHalfLife: 10_000 },
  create: ({ hidden, latent }) => ({
    networks: [
      { name: 'D', tensors: perceptronTensors([2 * PACK, hidden, hidden, 1]) },
      { name: 'G', tensors: perceptronTensors([latent, hidden, hidden, 2]) },
    ],
    phases: ganPhases({ D: discriminatorLoss, G: generatorLoss }, { steps: { D: 1, G: 1 } }),
    latent,
    exampleShape: [1, 2, 1],
    columns: ganColumns,
    groupSize: PACK,
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

/** Of each four points one verdict. D tells points apart sooner on a larger plane. */
function judge(tf: Tfjs, D: Parameters, points: Tensor2D): Tensor2D {
  const packs = tf.reshape(points, [points.shape[0] / PACK, 2 * PACK]);
  return perceptron(tf, D, tf.mul<Tensor2D>(tf.sub(packs, 0.5), 10));
}
