import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  type Affine,
  addBias,
  conv,
  defineProgram,
  dense,
  GROUP_SIZE,
  ganColumns,
  ganPhases,
  ghostNorm,
  groupNorms,
  leakyRelu,
  leastSquares,
  type NetworkSpec,
  type Normalize,
  normal,
  ones,
  type Parameters,
  type PhaseSpec,
  standingNorms,
  standingStatisticsOf,
  type Tfjs,
  tensorOf,
  transposedConv,
  zeros,
} from 'lambduel/program';

const SIDE = 28;
const BASE = SIDE / 4;
const KERNEL = 4;
const DEVIATION = 0.02;

/**
 * A conditional least-squares GAN of small convolutional networks: G draws a digit of the class that it
 * is given, and D judges whether an image is real and of its class.
 */
export default defineProgram({
  name: 'conditional-lsgan',
  settings: { features: 16, latent: 32, classes: 10 },
  training: {
    iterations: 1000,
    batch: 64,
    shards: 2,
    learningRate: 0.0005,
    beta1: 0.5,
    emaHalfLife: 5000,
  },
  adapt: (settings, { name, classes }) => {
    if (classes === undefined) throw new Error(`Dataset ${name} has no labels`);
    return { ...settings, classes };
  },
  create: ({ features, latent, classes }) => ({
    networks: [discriminator(features, classes), generator(features, latent + classes)],
    phases: ganPhases({ D: discriminatorLoss, G: generatorLoss }, { steps: { D: 1, G: 1 } }),
    latent,
    exampleShape: [SIDE, SIDE, 1],
    columns: ganColumns,
    groupSize: GROUP_SIZE,
    wantsLabels: { classes },
    generator: 'G',
    standingStatistics: (tf, G, noise, given) =>
      standingStatisticsOf(tf, noise, given, (part, labels, normalize) =>
        draw(tf, G, part, labels, normalize),
      ),
    generate: (tf, G, noise, { statistics, labels }) =>
      draw(tf, G, noise, labels, standingNorms(tf, statistics)),
  }),
});

const discriminatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, inputs) => {
  const { noise, real, realLabels, fakeLabels } = inputs;
  const fakes = draw(tf, G, noise, fakeLabels, groupNorms(tf));
  const onReal = judge(tf, D, real as Tensor2D, realLabels);
  const onFake = judge(tf, D, fakes, fakeLabels);
  return {
    loss: leastSquares.discriminator(tf, onReal, onFake),
    statistics: [tf.mean<Scalar>(onReal)],
  };
};

const generatorLoss: PhaseSpec['loss'] = (tf, { D = {}, G = {} }, { noise, fakeLabels }) => {
  const fakes = draw(tf, G, noise, fakeLabels, groupNorms(tf));
  const onFake = judge(tf, D, fakes, fakeLabels);
  return {
    loss: leastSquares.generator(tf, onFake),
    statistics: [tf.mean<Scalar>(onFake), tf.max<Scalar>(fakes)],
  };
};

/** Images of the labels' classes: `[examples, 784]`. */
function draw(
  tf: Tfjs,
  G: Parameters,
  noise: Tensor2D,
  labels: Tensor2D | undefined,
  normalize: Normalize,
): Tensor2D {
  const examples = noise.shape[0];
  const affine = (layer: number): Affine => ({
    gain: tensorOf(G, `gain${layer}`),
    shift: tensorOf(G, `shift${layer}`),
  });
  const given = tf.concat2d([noise, labels as Tensor2D], 1);
  const projected = dense(tf, given, tensorOf(G, 'w0'), tensorOf(G, 'b0'));
  const small = tf.reshape(projected, [examples, BASE, BASE, -1]) as Tensor4D;
  const middle = transposedConv(tf, tf.relu(normalize(small, affine(0), 0)), tensorOf(G, 'w1'));
  const large = transposedConv(tf, tf.relu(normalize(middle, affine(1), 1)), tensorOf(G, 'w2'));
  const images = tf.sigmoid(addBias(tf, large, tensorOf(G, 'b2')));
  return tf.reshape(images, [examples, SIDE * SIDE]);
}

/**
 * How real D holds images to be, `[examples, 1]`: a number of the image, and one of the image and its
 * class. Source: Miyato and Koyama, "cGANs with projection discriminator", 2018.
 */
function judge(tf: Tfjs, D: Parameters, rows: Tensor2D, labels: Tensor2D | undefined): Tensor2D {
  const examples = rows.shape[0];
  let x = tf.reshape(rows, [examples, SIDE, SIDE, 1]) as Tensor4D;
  x = leakyRelu(tf, addBias(tf, conv(tf, x, tensorOf(D, 'w0')), tensorOf(D, 'b0')));
  const norm: Affine = { gain: tensorOf(D, 'gain1'), shift: tensorOf(D, 'shift1') };
  x = leakyRelu(tf, ghostNorm(tf, conv(tf, x, tensorOf(D, 'w1')), norm));
  const seen = tf.reshape(x, [examples, -1]) as Tensor2D;
  const ofClass = tf.matMul(labels as Tensor2D, tensorOf<Tensor2D>(D, 'classes')) as Tensor2D;
  const isReal = dense(tf, seen, tensorOf(D, 'w2'), tensorOf(D, 'b2'));
  return tf.add<Tensor2D>(isReal, tf.sum(tf.mul(seen, ofClass), 1, true));
}

function discriminator(features: number, classes: number): NetworkSpec {
  const values = BASE * BASE * 2 * features;
  return {
    name: 'D',
    tensors: [
      normal('w0', [KERNEL, KERNEL, 1, features], DEVIATION),
      zeros('b0', [features]),
      normal('w1', [KERNEL, KERNEL, features, 2 * features], DEVIATION),
      ones('gain1', [2 * features]),
      zeros('shift1', [2 * features]),
      normal('w2', [values, 1], DEVIATION),
      zeros('b2', [1]),
      normal('classes', [classes, values], DEVIATION),
    ],
  };
}

function generator(features: number, inputs: number): NetworkSpec {
  const inner = 2 * features;
  return {
    name: 'G',
    tensors: [
      normal('w0', [inputs, BASE * BASE * inner], DEVIATION),
      zeros('b0', [BASE * BASE * inner]),
      ones('gain0', [inner]),
      zeros('shift0', [inner]),
      normal('w1', [KERNEL, KERNEL, features, inner], DEVIATION),
      ones('gain1', [features]),
      zeros('shift1', [features]),
      normal('w2', [KERNEL, KERNEL, 1, features], DEVIATION),
      zeros('b2', [1]),
    ],
  };
}
