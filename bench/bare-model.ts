import type * as Tf from '@tensorflow/tfjs-core';

/** Weights by name. */
export type Weights = Readonly<Record<string, Tf.Variable>>;

/** Two networks as a user of TensorFlow.js would write them, and how they are trained. */
export interface BareModel {
  readonly D: Weights;
  readonly G: Weights;
  readonly latent: number;
  /** The shape of an image, as D takes it. */
  readonly imageShape: readonly number[];
  readonly learningRate: number;
  readonly beta1: number;
  generate(noise: Tf.Tensor2D): Tf.Tensor;
  /** Logits of how real images are. */
  judge(images: Tf.Tensor): Tf.Tensor;
}
