import type * as Tf from '@tensorflow/tfjs-core';
import type { BareModel, Weights } from './bare-model.ts';

const LATENT = 64;
const FEATURES = 32;
const SIDE = 28;
const BASE = SIDE / 4;
const KERNEL = 4;
const GROUP = 32;

/** The networks of `dcgan` as its preset has them: 28x28 pixels, grey, ghost batch norm. */
export function createDcgan(tf: typeof Tf): BareModel {
  const D: Weights = {
    w0: weights(KERNEL, KERNEL, 1, FEATURES),
    b0: zeros(FEATURES),
    w1: weights(KERNEL, KERNEL, FEATURES, 2 * FEATURES),
    ...norm(1, 2 * FEATURES),
    w2: weights(BASE * BASE * 2 * FEATURES, 1),
    b2: zeros(1),
  };
  const G: Weights = {
    w0: weights(LATENT, BASE * BASE * 2 * FEATURES),
    b0: zeros(BASE * BASE * 2 * FEATURES),
    ...norm(0, 2 * FEATURES),
    w1: weights(KERNEL, KERNEL, FEATURES, 2 * FEATURES),
    ...norm(1, FEATURES),
    w2: weights(KERNEL, KERNEL, 1, FEATURES),
    b2: zeros(1),
  };
  return {
    D,
    G,
    latent: LATENT,
    imageShape: [SIDE, SIDE, 1],
    learningRate: 5e-4,
    beta1: 0.5,
    generate: (noise) => {
      const [examples] = noise.shape;
      const projected = tf.add(tf.matMul(noise, of<Tf.Tensor2D>(G, 'w0')), of(G, 'b0'));
      let x: Tf.Tensor4D = tf.reshape(projected, [examples, BASE, BASE, 2 * FEATURES]);
      x = tf.relu(normalized(x, G, 0));
      x = tf.conv2dTranspose(
        x,
        of<Tf.Tensor4D>(G, 'w1'),
        [examples, 2 * BASE, 2 * BASE, FEATURES],
        2,
        'same',
      );
      x = tf.relu(normalized(x, G, 1));
      x = tf.conv2dTranspose(x, of<Tf.Tensor4D>(G, 'w2'), [examples, SIDE, SIDE, 1], 2, 'same');
      return tf.sigmoid(tf.add(x, of(G, 'b2')));
    },
    judge: (images) => {
      let x = tf.conv2d(images as Tf.Tensor4D, of<Tf.Tensor4D>(D, 'w0'), 2, 'same');
      x = tf.leakyRelu(tf.add<Tf.Tensor4D>(x, of<Tf.Tensor4D>(D, 'b0')), 0.2);
      x = tf.conv2d(x, of<Tf.Tensor4D>(D, 'w1'), 2, 'same');
      x = tf.leakyRelu(normalized(x, D, 1), 0.2);
      const flat: Tf.Tensor2D = tf.reshape(x, [x.shape[0], -1]);
      return tf.add(tf.matMul(flat, of<Tf.Tensor2D>(D, 'w2')), of(D, 'b2'));
    },
  };

  /** By mean and variance of each group of 32 examples. */
  function normalized(x: Tf.Tensor4D, network: Weights, layer: number): Tf.Tensor4D {
    const grouped = tf.reshape(x, [x.shape[0] / GROUP, -1, x.shape[3]]);
    const { mean, variance } = tf.moments(grouped, 1, true);
    const whitened = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5)));
    const scaled = tf.mul(whitened, of(network, `gain${layer}`));
    return tf.reshape(tf.add(scaled, of(network, `shift${layer}`)), x.shape);
  }

  function weights(...shape: number[]): Tf.Variable {
    return tf.variable(tf.randomNormal(shape, 0, 0.02));
  }

  function zeros(size: number): Tf.Variable {
    return tf.variable(tf.zeros([size]));
  }

  function norm(layer: number, channels: number): Weights {
    return {
      [`gain${layer}`]: tf.variable(tf.ones([channels])),
      [`shift${layer}`]: zeros(channels),
    };
  }
}

function of<T extends Tf.Tensor>(network: Weights, name: string): T {
  return network[name] as unknown as T;
}
