import type * as Tf from '@tensorflow/tfjs-core';
import type { BareModel, Weights } from './bare-model.ts';

/** The networks of `mlp-gan`. */
export function createMlpGan(tf: typeof Tf): BareModel {
  const D = perceptron(784, 400, 1);
  const G = perceptron(100, 400, 784);
  return {
    D,
    G,
    latent: 100,
    imageShape: [784],
    learningRate: 1e-3,
    beta1: 0.9,
    generate: (noise) => tf.sigmoid(apply(G, noise)),
    judge: (images) => apply(D, images),
  };

  function perceptron(inputs: number, hidden: number, outputs: number): Weights {
    return {
      w1: tf.variable(tf.randomNormal([inputs, hidden], 0, 1 / inputs)),
      b1: tf.variable(tf.zeros([hidden])),
      w2: tf.variable(tf.randomNormal([hidden, outputs], 0, 1 / hidden)),
      b2: tf.variable(tf.zeros([outputs])),
    };
  }

  function apply({ w1, b1, w2, b2 }: Weights, x: Tf.Tensor): Tf.Tensor {
    const hidden = tf.tanh(tf.add(tf.matMul(x as Tf.Tensor2D, w1 as Tf.Tensor2D), b1 as Tf.Tensor));
    return tf.add(tf.matMul(hidden as Tf.Tensor2D, w2 as Tf.Tensor2D), b2 as Tf.Tensor);
  }
}
