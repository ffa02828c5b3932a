import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  type AugmentationName,
  augmentationNames,
  cutoutSide,
  type ImageKind,
} from '../../numeric/augmentation.ts';
import type { ExampleShape } from '../example-shape.ts';
import type { PhaseInputs, Tfjs } from '../program.ts';

/** The phase's input with the numbers of an augmentation, a row per example. */
export function augmentationInput(kind: ImageKind, name: AugmentationName): string {
  return `${kind}-${name}`;
}

/** How each augmentation changes images by its numbers, a row per example. */
const CHANGE: Readonly<
  Record<AugmentationName, (tf: Tfjs, images: Tensor4D, numbers: Tensor2D) => Tensor4D>
> = { color: recolored, translation: moved, cutout: cutOut };

/**
 * Images as D gets to see them: changed by each augmentation whose numbers are among the phase's inputs.
 * Without any they are returned as they are. Gradients flow through. docs/design.md has the formulas.
 *
 * @param images `[examples, height, width, channels]`, about [0, 1]
 * @param inputs what the phase's loss gets
 * @param kind whether they are real examples or generated ones
 */
export function augmented(
  tf: Tfjs,
  images: Tensor4D,
  inputs: PhaseInputs,
  kind: ImageKind,
): Tensor4D {
  let x = images;
  for (const name of augmentationNames) {
    const numbers = inputs[augmentationInput(kind, name)];
    if (numbers) x = CHANGE[name](tf, x, numbers as Tensor2D);
  }
  return x;
}

/**
 * The same as {@link augmented} for rows of values.
 *
 * @param rows `[examples, values]`
 * @param shape the form of one example
 */
export function augmentedRows(
  tf: Tfjs,
  rows: Tensor2D,
  shape: ExampleShape,
  inputs: PhaseInputs,
  kind: ImageKind,
): Tensor2D {
  if (!augmentationNames.some((name) => inputs[augmentationInput(kind, name)])) return rows;
  const images = tf.reshape(rows, [rows.shape[0], ...shape]) as Tensor4D;
  return tf.reshape(augmented(tf, images, inputs, kind), rows.shape);
}

/** @param numbers brightness to add, factors of saturation and of contrast: `[examples, 3]` */
function recolored(tf: Tfjs, images: Tensor4D, numbers: Tensor2D): Tensor4D {
  const brighter = tf.add<Tensor4D>(images, column(tf, numbers, 0));
  const isGrey = images.shape[3] === 1;
  const saturated = isGrey ? brighter : spread(tf, brighter, [3], column(tf, numbers, 1));
  return spread(tf, saturated, [1, 2, 3], column(tf, numbers, 2));
}

/** Multiply the distance to the mean over these axes. */
function spread(tf: Tfjs, x: Tensor4D, axes: number[], factor: Tensor4D): Tensor4D {
  const mean = tf.mean(x, axes, true);
  return tf.add(tf.mul(tf.sub(x, mean), factor), mean);
}

/**
 * Rows and columns are moved by products with matrices of zeros and ones, which are exact, and have
 * gradients on every backend.
 *
 * @param numbers pixels to move down and to the right, whole: `[examples, 2]`
 */
function moved(tf: Tfjs, images: Tensor4D, numbers: Tensor2D): Tensor4D {
  const [examples, height, width, channels] = images.shape;
  const rows = tf.reshape(images, [examples, height, width * channels]);
  const down = tf.matMul(moveMatrix(tf, height, column(tf, numbers, 0)), rows);
  const planes = tf.transpose(tf.reshape(down, images.shape), [0, 3, 1, 2]) as Tensor4D;
  const columns = tf.reshape(planes, [examples, channels * height, width]);
  const right = tf.matMul(columns, moveMatrix(tf, width, column(tf, numbers, 1)), false, true);
  return tf.transpose(tf.reshape(right, planes.shape), [0, 2, 3, 1]) as Tensor4D;
}

/** `[examples, side, side]`: 1 where the row is by the shift further than the column. */
function moveMatrix(tf: Tfjs, side: number, shift: Tensor4D): Tensor {
  const places = tf.range(0, side);
  const further = tf.sub(tf.reshape(places, [side, 1]), places);
  const distance = tf.abs(tf.sub(further, tf.reshape(shift, [-1, 1, 1])));
  return tf.relu(tf.sub(1, distance)); // of whole numbers only 0 gives more than 0
}

/** @param numbers the first row and the first column of the square, whole: `[examples, 2]` */
function cutOut(tf: Tfjs, images: Tensor4D, numbers: Tensor2D): Tensor4D {
  const [, height, width] = images.shape;
  const rows = tf.reshape(inSquare(tf, height, column(tf, numbers, 0)), [-1, height, 1, 1]);
  const columns = tf.reshape(inSquare(tf, width, column(tf, numbers, 1)), [-1, 1, width, 1]);
  return tf.mul(images, tf.sub(1, tf.mul(rows, columns)));
}

/** `[examples, side]`: 1 for places in the square, otherwise 0. */
function inSquare(tf: Tfjs, side: number, first: Tensor4D): Tensor {
  const place = tf.sub(tf.range(0, side), tf.reshape(first, [-1, 1]));
  const fromEnd = tf.sub(cutoutSide(side), place);
  // Whole numbers of at least 1 inside, and of at most 0 for one of both outside.
  return tf.clipByValue(tf.minimum(tf.add(place, 1), fromEnd), 0, 1);
}

/** A number per example, to be combined with its image. */
function column(tf: Tfjs, numbers: Tensor2D, index: number): Tensor4D {
  const [examples] = numbers.shape;
  return tf.reshape(tf.slice2d(numbers, [0, index], [examples, 1]), [examples, 1, 1, 1]);
}
