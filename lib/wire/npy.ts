import { bytesOf } from './floats.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]; // \x93NUMPY, version 1.0
const ALIGNMENT = 64;
const LENGTH_BYTES = 2;

/**
 * A float32 array as a `.npy` file, version 1.0, in C order.
 *
 * Source: NumPy enhancement proposal 1, "A simple file format for NumPy arrays".
 */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = MAGIC.length + LENGTH_BYTES;
  const total = Math.ceil((before + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const padded = `${header.padEnd(total - before - 1)}\n`;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16LE(padded.length);
  return Buffer.concat([Uint8Array.from(MAGIC), length, Buffer.from(padded), bytesOf(values)]);
}
