import type { Scalar, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import type { Dataset } from '../../data/dataset.ts';
import {
  layOut,
  type ParameterLayout,
  type TensorPlace,
  tensorView,
} from '../../numeric/parameter-block.ts';
import { drawWithReplacement, normals, StreamTag, streamKey } from '../../numeric/random.ts';
import type { ExampleShape } from '../../program/example-shape.ts';
import type { Parameters, Tfjs } from '../../program/program.ts';
import { oneHot } from './labels.ts';
import { disposeAll } from './variables.ts';

/** Changes with the training: scores of different versions cannot be compared. */
export const CLASSIFIER_VERSION = 1;

/** Fixed, so that scores of all runs on a dataset come from the same classifier. */
const SEED = 0;
const BATCH = 64;
const STEPS = 800;
const LEARNING_RATE = 1e-3;
const FEATURES = 64;
const [FIRST, SECOND] = [16, 32];
const KERNEL = 5;
/** Every tenth example is held out, to measure how good the classifier is. */
const HELD_OUT = 10;
/** How many images are computed at once. */
const CHUNK = 250;

/** A classifier as a block of parameters, and its accuracy on held-out examples. */
export interface TrainedClassifier {
  readonly block: Float32Array;
  readonly accuracy: number;
}

/** The tensors of a classifier: two convolutions of stride 2 and two dense layers. */
export function classifierLayout(
  [height, width, channels]: ExampleShape,
  classes: number,
): ParameterLayout {
  const quarter = (side: number) => Math.ceil(Math.ceil(side / 2) / 2);
  const flat = quarter(height) * quarter(width) * SECOND;
  return layOut([
    { name: 'w1', shape: [KERNEL, KERNEL, channels, FIRST] },
    { name: 'b1', shape: [FIRST] },
    { name: 'w2', shape: [KERNEL, KERNEL, FIRST, SECOND] },
    { name: 'b2', shape: [SECOND] },
    { name: 'w3', shape: [flat, FEATURES] },
    { name: 'b3', shape: [FEATURES] },
    { name: 'w4', shape: [FEATURES, classes] },
    { name: 'b4', shape: [classes] },
  ]);
}

/**
 * Train a dataset's classifier: always the same for one backend. Leaves no tensor behind.
 *
 * @param onStep called after each step with the steps that are left; may throw
 */
export function trainClassifier(
  tf: Tfjs,
  dataset: Dataset,
  classes: number,
  onStep: (left: number) => void = () => {},
): TrainedClassifier {
  const { shape } = dataset.meta;
  const layout = classifierLayout(shape, classes);
  const variables = toVariables(tf, layout, initialBlock(layout));
  const optimizer = tf.train.adam(LEARNING_RATE);
  const every = Array.from({ length: dataset.examples }, (_, i) => i);
  const isHeldOut = (i: number) => i % HELD_OUT === HELD_OUT - 1;
  const training = every.filter((i) => !isHeldOut(i));
  try {
    for (let step = 0; step < STEPS; step++) {
      const stream = streamKey(SEED, StreamTag.realExamples, step);
      const drawn = drawWithReplacement(stream, 0, BATCH, training.length);
      const indices = drawn.map((i) => training[i] as number);
      tf.tidy(() => {
        const images = tf.tensor4d(dataset.gather(indices), [BATCH, ...shape]);
        const labels = oneHot(tf, dataset.gatherLabels(indices), classes);
        optimizer.minimize(() => crossEntropy(tf, classify(tf, variables, images).logits, labels));
      });
      onStep(STEPS - step - 1);
    }
    const block = new Float32Array(layout.size);
    for (const place of layout.tensors) {
      tensorView(block, place).set(variables[place.name]?.dataSync() as Float32Array);
    }
    return { block, accuracy: accuracyOf(tf, variables, dataset, every.filter(isHeldOut)) };
  } finally {
    optimizer.dispose();
    disposeAll(variables);
  }
}

/**
 * What a classifier says about images.
 *
 * @param images values in [0, 1], back to back
 * @returns features and probabilities, one row per image
 */
export function runClassifier(
  tf: Tfjs,
  block: Float32Array,
  classes: number,
  images: Float32Array,
  shape: ExampleShape,
) {
  const variables = toVariables(tf, classifierLayout(shape, classes), block);
  const size = shape[0] * shape[1] * shape[2];
  const count = images.length / size;
  const features = new Float32Array(count * FEATURES);
  const probabilities = new Float32Array(count * classes);
  try {
    for (let first = 0; first < count; first += CHUNK) {
      const examples = Math.min(CHUNK, count - first);
      const part = images.subarray(first * size, (first + examples) * size);
      const told = tf.tidy(() => {
        const result = classify(tf, variables, tf.tensor4d(part, [examples, ...shape]));
        return { features: result.features, probabilities: tf.softmax(result.logits) };
      });
      features.set(told.features.dataSync(), first * FEATURES);
      probabilities.set(told.probabilities.dataSync(), first * classes);
      tf.dispose(told);
    }
  } finally {
    disposeAll(variables);
  }
  return {
    features: { values: features, count, size: FEATURES },
    probabilities: { values: probabilities, count, size: classes },
  };
}

function classify(tf: Tfjs, { w1, b1, w2, b2, w3, b3, w4, b4 }: Parameters, images: Tensor4D) {
  const convolved = (x: Tensor4D, w: unknown, b: unknown) =>
    tf.relu(tf.add<Tensor4D>(tf.conv2d(x, w as Tensor4D, 2, 'same'), b as Variable));
  const hidden = convolved(convolved(images, w1, b1), w2, b2);
  const flat = tf.reshape(hidden, [images.shape[0], -1]) as Tensor2D;
  const dense = (x: Tensor2D, w: unknown, b: unknown) =>
    tf.add<Tensor2D>(tf.matMul(x, w as Tensor2D), b as Variable);
  const features = tf.relu(dense(flat, w3, b3));
  return { features, logits: dense(features, w4, b4) };
}

function crossEntropy(tf: Tfjs, logits: Tensor2D, labels: Tensor2D): Scalar {
  const likelihoods = tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1);
  return tf.neg<Scalar>(tf.mean<Scalar>(likelihoods));
}

function accuracyOf(tf: Tfjs, variables: Parameters, dataset: Dataset, held: readonly number[]) {
  let right = 0;
  for (let first = 0; first < held.length; first += CHUNK) {
    const indices = Uint32Array.from(held.slice(first, first + CHUNK));
    const labels = dataset.gatherLabels(indices);
    const images = dataset.gather(indices);
    const guesses = tf.tidy(() => {
      const input = tf.tensor4d(images, [indices.length, ...dataset.meta.shape]);
      return tf.argMax(classify(tf, variables, input).logits, 1);
    });
    right += guesses.dataSync().filter((guess, i) => guess === labels[i]).length;
    guesses.dispose();
  }
  return right / held.length;
}

/** He et al., 2015: normal with a deviation of `sqrt(2 / fan-in)`; biases are zeros. */
function initialBlock(layout: ParameterLayout): Float32Array {
  const block = new Float32Array(layout.size);
  layout.tensors.forEach((place, i) => {
    if (place.shape.length < 2) return;
    const deviation = Math.sqrt((2 * (place.shape.at(-1) as number)) / place.size);
    const stream = streamKey(SEED, StreamTag.initialWeights, i);
    tensorView(block, place).set(normals(stream, 0, 1, place.size, deviation));
  });
  return block;
}

function toVariables(tf: Tfjs, { tensors }: ParameterLayout, block: Float32Array): Parameters {
  return Object.fromEntries(
    tensors.map((place: TensorPlace) => {
      const value = tf.tensor(tensorView(block, place), [...place.shape]);
      const variable = tf.variable(value);
      value.dispose();
      return [place.name, variable];
    }),
  );
}
