import type { Tensor2D } from '@tensorflow/tfjs-core';
import {
  defineProgram,
  dense,
  ganColumns,
  ganPhases,
  leakyRelu,
  type NetworkSpec,
  nonSaturating,
  normal,
  type Parameters,
  type PhaseSpec,
  type Tfjs,
  tensorOf,
  zeros,
} from 'lambduel/program';

const SIDE = 28;
const PIXELS = SIDE * SIDE;

/**
 * Two small perceptrons, as a program file of a person's: what harnesses and tests train. Gradients are
 * just too large for a message of the local mode.
 */
export default defineProgram({
  name: 'small-gan',
  settings: { hidden: 24, latent: 6, slow: false, note: '' },
  training: { batch: 16, iterations: 6, beta1: 0.5, checkpointEvery: 2, sampleEvery: 0 },
  create: ({ hidden, latent }) => ({
    networks: [network('D', PIXELS, hidden, 1), network('G', latent, hidden, PIXELS)],
    phases: ganPhases({ D: discriminatorLoss, G: generatorLoss }),
    latent,
    exampleShape: [SIDE, SIDE, 1],
    columns: ganColumns,
    generator: 'G',
    generate: images,
  }),
});

const discriminatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, { noise, real }) => {
  if (!real) throw new Error('D needs real examples');
  const onReal = perceptron(tf, D, real);
  const onFake = perceptron(tf, D, images(tf, G, noise));
  return {
    loss: nonSaturating.discriminator(tf, onReal, onFake),
    statistics: [tf.mean(tf.sigmoid(onReal))],
  };
};

const generatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, { noise }) => {
  const fakes = images(tf, G, noise);
  const onFake = perceptron(tf, D, fakes);
  return {
    loss: nonSaturating.generator(tf, onFake),
    statistics: [tf.mean(tf.sigmoid(onFake)), tf.max(fakes)],
  };
};

function images(tf: Tfjs, generator: Parameters, noise: Tensor2D): Tensor2D {
  return tf.sigmoid(perceptron(tf, generator, noise));
}

function perceptron(tf: Tfjs, parameters: Parameters, x: Tensor2D): Tensor2D {
  const of = <T extends Parameters[string]>(name: string) => tensorOf<T>(parameters, name);
  const hidden = leakyRelu(tf, dense(tf, x, of('w1'), of('b1')));
  return dense(tf, hidden, of('w2'), of('b2'));
}

function network(name: string, inputs: number, hidden: number, outputs: number): NetworkSpec {
  return {
    name,
    tensors: [
      normal('w1', [inputs, hidden], 0.05),
      zeros('b1', [hidden]),
      normal('w2', [hidden, outputs], 0.05),
      zeros('b2', [outputs]),
    ],
  };
}
