import type { Tensor2D } from '@tensorflow/tfjs-core';
import { InvalidDataError } from '../../errors.ts';
import type { Tfjs } from '../../program/program.ts';

/**
 * Labels as rows of `classes` zeros with a one in the label's place.
 *
 * @throws InvalidDataError for a label that is none of the classes
 */
export function oneHot(tf: Tfjs, labels: ArrayLike<number>, classes: number): Tensor2D {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (label >= classes) {
      throw new InvalidDataError(`Label ${label} is none of the program's ${classes} classes`);
    }
    rows[i * classes + label] = 1;
  }
  return tf.tensor2d(rows, [labels.length, classes]);
}
