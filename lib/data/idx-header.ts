import { InvalidDataError } from '../errors.ts';
import type { ExampleShape } from '../program/example-shape.ts';
import { checkForm } from './images.ts';

/** The first bytes of an IDX file: two zeros, the type, the number of dimensions. */
export const IDX_MAGIC_BYTES = 4;
/** Bytes before the first pixel of a file of images: the magic number and three sizes. */
export const IDX_HEADER_BYTES = 16;

const UINT8 = 0x08;
const TYPES: Readonly<Record<number, string>> = {
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: '32-bit floats',
  14: '64-bit floats',
};
const WANTED =
  'Give an IDX file of images as MNIST has them (train-images-idx3-ubyte, plain or gzipped), ' +
  'or a folder of PNG files.';

/** What a file of images announces. */
export interface IdxHeader {
  readonly examples: number;
  /** IDX images are grey. */
  readonly shape: ExampleShape;
}

/** @throws InvalidDataError unless the file's first four bytes announce grey images */
export function checkIdxMagic(where: string, bytes: Uint8Array): void {
  if (bytes.length < IDX_MAGIC_BYTES) {
    const problem = bytes.length === 0 ? 'it is empty' : `it has only ${bytes.length} bytes`;
    throw new InvalidDataError(`${where}: ${problem}`, { hint: WANTED });
  }
  const [zero, zeroToo, type = 0, dimensions] = bytes;
  if (zero !== 0 || zeroToo !== 0 || (type !== UINT8 && !(type in TYPES))) {
    const start = Buffer.from(bytes.subarray(0, IDX_MAGIC_BYTES)).toString('hex');
    throw new InvalidDataError(`${where}: it is not an IDX file, for it begins with ${start}`, {
      hint: WANTED,
    });
  }
  if (dimensions === 1) {
    throw new InvalidDataError(`${where}: this is a labels file`, {
      hint: 'Give the images file instead: its name has "images-idx3" for "labels-idx1".',
    });
  }
  if (type !== UINT8) {
    throw new InvalidDataError(`${where}: it holds ${TYPES[type]}, and pixels are unsigned bytes`, {
      hint: WANTED,
    });
  }
  if (dimensions !== 3) {
    throw new InvalidDataError(`${where}: it has ${dimensions} dimensions`, {
      hint: 'Images have 3 dimensions: examples, rows and columns.',
    });
  }
}

/** @throws InvalidDataError when the header is cut short, or announces something impossible */
export function parseIdxHeader(where: string, bytes: Uint8Array): IdxHeader {
  if (bytes.length < IDX_HEADER_BYTES) {
    throw new InvalidDataError(`${where}: it ends within its header, after ${bytes.length} bytes`, {
      hint: 'The file is incomplete: get it again.',
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, IDX_HEADER_BYTES);
  const examples = view.getUint32(4);
  const shape = [view.getUint32(8), view.getUint32(12), 1] as const;
  checkForm(where, examples, shape);
  return { examples, shape };
}
