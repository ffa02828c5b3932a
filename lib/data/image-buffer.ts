import { InvalidDataError } from '../errors.ts';
import type { ExampleShape } from '../program/example-shape.ts';
import type { DecodedImage } from './image-decoder.ts';
import { checkForm, type Images, MAX_DATASET_BYTES } from './images.ts';

/**
 * The images of a dataset while they are read, in one buffer. As long as all are grey, each takes
 * one channel. The first one in colour turns those before it into images of three channels, in
 * place. Parts that are not written yet take no memory: the operating system gives pages when they
 * are used.
 */
export class ImageBuffer {
  readonly #capacity: number;
  #values = new Uint8Array(0);
  #shape: ExampleShape | undefined;
  #first = '';
  #examples = 0;

  /** @param capacity how many images there will be at most */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @throws InvalidDataError when its size differs from the first, or there are too many */
  add(name: string, { values, shape }: DecodedImage): void {
    this.#shape ??= this.#begin(name, shape);
    const [height, width] = shape;
    const [rows, columns] = this.#shape;
    if (height !== rows || width !== columns) {
      throw new InvalidDataError(
        `${name}: it has ${height} x ${width} pixels, but ${this.#first} has ${rows} x ${columns}`,
        { hint: 'Crop and scale all images to one size with --size.' },
      );
    }
    if (shape[2] === 3 && this.#shape[2] === 1 && !isGrey(values))
      this.#spread(name, rows, columns);
    const size = rows * columns * this.#shape[2];
    const target = this.#values.subarray(this.#examples * size, ++this.#examples * size);
    if (values.length === size) target.set(values);
    else for (let i = 0; i < size; i++) target[i] = values[3 * i] as number;
  }

  /** @throws InvalidDataError when there are none */
  finish(where: string): Images {
    const [rows, columns, channels] = this.#shape ?? [1, 1, 1];
    checkForm(where, this.#examples, [rows, columns, channels]);
    const images = this.#values.subarray(0, this.#examples * rows * columns * channels);
    return { images, examples: this.#examples, shape: [rows, columns, channels] };
  }

  #begin(name: string, [rows, columns, channels]: ExampleShape): ExampleShape {
    this.#first = name;
    checkForm(name, this.#capacity, [rows, columns, 1]);
    const most = this.#capacity * rows * columns * channels;
    this.#values = new Uint8Array(Math.min(most, MAX_DATASET_BYTES));
    return [rows, columns, 1];
  }

  /** From the last to the first, so that nothing is overwritten before it is read. */
  #spread(name: string, rows: number, columns: number): void {
    checkForm(name, this.#capacity, [rows, columns, 3]);
    this.#shape = [rows, columns, 3];
    const values = this.#values;
    for (let i = this.#examples * rows * columns - 1; i >= 0; i--) {
      values.fill(values[i] as number, 3 * i, 3 * i + 3);
    }
  }
}

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) {
    if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  }
  return true;
}
