import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import {
  defineProgram,
  type ExampleShape,
  exampleValues,
  type MetricSpec,
  type Parameters,
  type PhaseSpec,
  perceptron,
  perceptronTensors,
  type Tfjs,
} from 'lambduel/program';

const SHAPE: ExampleShape = [28, 28, 1];
const PIXELS = exampleValues(SHAPE);
const CHART = { id: 'loss', title: 'Loss of an example', range: null } as const;

const loss = { name: 'loss', title: 'loss', reduction: 'mean', chart: CHART } as const;
const statistics: readonly MetricSpec[] = [
  { name: 'reconstruction', title: 'reconstruction', reduction: 'mean', chart: CHART },
  { name: 'divergence', title: 'divergence', reduction: 'mean', chart: CHART },
];

/**
 * A variational autoencoder: one network, of an encoder and a decoder, and one phase. Source: Kingma
 * and Welling, "Auto-encoding variational Bayes", 2014.
 */
export default defineProgram({
  name: 'autoencoder',
  settings: { hidden: 256, latent: 16 },
  training: { iterations: 2000, batch: 128 },
  create: ({ hidden, latent }) => ({
    networks: [
      {
        name: 'AE',
        tensors: [
          ...perceptronTensors([PIXELS, hidden, 2 * latent], { prefix: 'encoder_' }),
          ...perceptronTensors([latent, hidden, PIXELS], { prefix: 'decoder_' }),
        ],
      },
    ],
    phases: [
      { name: 'AE', network: 'AE', needsReal: true, lossMetric: loss, statistics, loss: lossOf },
    ],
    latent,
    exampleShape: SHAPE,
    generator: 'AE',
    generate: (tf, AE, noise) => tf.sigmoid(decode(tf, AE, noise)),
  }),
});

/**
 * The encoder says for each image where its code lies: a normal distribution's mean and the logarithm
 * of its variance. The decoder has to draw the image of a code that is drawn from it with `noise`. The
 * divergence keeps codes near to the standard normal distribution, of which images are drawn later.
 */
const lossOf: PhaseSpec['loss'] = (tf, { AE = {} }, { noise, real }) => {
  const images = real as Tensor2D;
  const encoded = perceptron(tf, AE, images, { prefix: 'encoder_' });
  const [mean, logVariance] = tf.split(encoded, 2, 1) as [Tensor2D, Tensor2D];
  const code = tf.add<Tensor2D>(mean, tf.mul(noise, tf.exp(tf.mul(logVariance, 0.5))));
  const logits = decode(tf, AE, code);
  const reconstruction = meanOfSums(tf, tf.sub(tf.softplus(logits), tf.mul(logits, images)));
  const apart = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  const divergence = meanOfSums(tf, tf.mul(apart, 0.5));
  return {
    loss: tf.add<Scalar>(reconstruction, divergence),
    statistics: [reconstruction, divergence],
  };
};

/** What a pixel is before its sigmoid. */
function decode(tf: Tfjs, AE: Parameters, code: Tensor2D): Tensor2D {
  return perceptron(tf, AE, code, { prefix: 'decoder_' });
}

/** The sum of each example's values, and of these the mean. */
function meanOfSums(tf: Tfjs, values: Tensor2D): Scalar {
  return tf.mean<Scalar>(tf.sum(values, 1));
}
