import { InvalidDataError } from '../errors.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';

/** Images of one size in memory: one byte per value, rows from the top, examples back to back. */
export interface Images {
  readonly images: Uint8Array;
  readonly examples: number;
  readonly shape: ExampleShape;
}

/** Called now and then with how many of how many examples are read. */
export type OnProgress = (done: number, total: number) => void;

/**
 * The largest dataset, in bytes. A worker reads it as one object and keeps all of it in memory. All
 * 814,255 digits of EMNIST are 640 MB.
 */
export const MAX_DATASET_BYTES = 2 ** 30;

/** The most rows or columns of an image. */
export const MAX_SIDE = 4096;

/**
 * Throw unless a dataset of this form fits into memory. Call it with what a file claims, before
 * anything of that size is allocated.
 *
 * @throws InvalidDataError whose message begins with `where`
 */
export function checkForm(where: string, examples: number, shape: ExampleShape): void {
  const [rows, columns] = shape;
  if (examples < 1) {
    throw new InvalidDataError(`${where}: it holds no images`, { hint: 'Give a file with some.' });
  }
  if (rows < 1 || columns < 1 || rows > MAX_SIDE || columns > MAX_SIDE) {
    throw new InvalidDataError(`${where}: its images have ${rows} rows and ${columns} columns`, {
      hint: `Images have from 1 to ${MAX_SIDE} rows and columns.`,
    });
  }
  if (examples * exampleValues(shape) > MAX_DATASET_BYTES) {
    throw new InvalidDataError(
      `${where}: ${examples} images of ${rows} x ${columns} pixels are too many to keep in memory`,
      { hint: `A dataset has at most ${MAX_DATASET_BYTES} pixels: give fewer images, or smaller.` },
    );
  }
}
