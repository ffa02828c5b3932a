import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tfjs } from '../program.ts';

/**
 * One-sided label smoothing: D is taught that a real image is real to this degree. Source: Salimans et
 * al., "Improved techniques for training GANs", 2016.
 */
export const REAL_LABEL = 0.9;

/**
 * The losses of a GAN's two networks, each the mean over the examples.
 *
 * `onReal` and `onFake` are what D gives for real and generated examples, before any sigmoid:
 * `[examples, 1]`.
 */
export interface AdversarialLoss {
  /** The loss of D, which is to tell reals from fakes. */
  discriminator(tf: Tfjs, onReal: Tensor2D, onFake: Tensor2D): Scalar;
  /** The loss of G, whose fakes D is to take for real. */
  generator(tf: Tfjs, onFake: Tensor2D): Scalar;
}

/**
 * Cross-entropy of logits l against a label y: the mean of `log(1 + e^l) - l y`, which is stable for any l.
 *
 * @param logits what D gives before any sigmoid: `[examples, 1]`
 * @param label 0 to 1
 */
export function meanCrossEntropy(tf: Tfjs, logits: Tensor2D, label: number): Scalar {
  return tf.mean<Scalar>(tf.sub(tf.softplus(logits), tf.mul(logits, label)));
}

/**
 * Cross-entropy of D on reals against 0.9 and on fakes against 0, and of G against 1, which does not
 * saturate. Source: Goodfellow et al., "Generative adversarial nets", 2014.
 */
export const nonSaturating: AdversarialLoss = {
  discriminator: (tf, onReal, onFake) =>
    tf.add<Scalar>(meanCrossEntropy(tf, onReal, REAL_LABEL), meanCrossEntropy(tf, onFake, 0)),
  generator: (tf, onFake) => meanCrossEntropy(tf, onFake, 1),
};

/**
 * Half the squared distance of D to 1 on reals and to 0 on fakes, and of G to 1. Source: Mao et al., "Least
 * squares generative adversarial networks", 2017.
 */
export const leastSquares: AdversarialLoss = {
  discriminator: (tf, onReal, onFake) =>
    tf.add<Scalar>(halfSquare(tf, onReal, 1), halfSquare(tf, onFake, 0)),
  generator: (tf, onFake) => halfSquare(tf, onFake, 1),
};

/**
 * D is to be above 1 on reals and below -1 on fakes, and G as high as it can. Source: Lim and Ye,
 * "Geometric GAN", 2017.
 */
export const hinge: AdversarialLoss = {
  discriminator: (tf, onReal, onFake) =>
    tf.add<Scalar>(
      tf.mean<Scalar>(tf.relu(tf.sub(1, onReal))),
      tf.mean<Scalar>(tf.relu(tf.add(1, onFake))),
    ),
  generator: (tf, onFake) => tf.neg(tf.mean<Scalar>(onFake)),
};

function halfSquare(tf: Tfjs, values: Tensor2D, target: number): Scalar {
  return tf.mul<Scalar>(tf.mean(tf.square(tf.sub(values, target))), 0.5);
}
