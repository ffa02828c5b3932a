import { createHash } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { compressNumbers, expandNumbers } from '../../lib/wire/compressed.ts';
import { encodeTensors } from '../../lib/wire/safetensors.ts';
import { anyTensorFile } from '../../support/tensor-files.ts';

const LAYOUT = { size: 1000 };
const HEADER = 12;

/** Bytes that nothing makes shorter. */
const noise = (length: number) => createHash('shake256', { outputLength: length }).digest();

const expand = (bytes: Uint8Array) => expandNumbers(bytes, LAYOUT, 'The file');

describe('compressed numbers', () => {
  it.each([1, 2] as const)('of %d bytes come back, bit for bit', (width) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), (some) => {
        const bytes = width === 1 ? some : Uint8Array.of(...some, ...some);
        expect(expand(compressNumbers(bytes, width))).toEqual(bytes);
      }),
    );
  });

  it('leave a file as it is that is not compressed', () => {
    fc.assert(
      fc.property(anyTensorFile, (file) => {
        const bytes = encodeTensors(file);
        expect(expand(bytes)).toBe(bytes);
      }),
    );
  });

  it('are in memory of their own, which floats can be read from', () => {
    const bytes = noise(1000);
    const { byteOffset, buffer } = expand(compressNumbers(bytes, 1));
    expect([byteOffset, buffer.byteLength]).toEqual([0, bytes.length]);
  });

  it('take less where their high bytes are alike', () => {
    const bytes = noise(4000).map((byte, i) => (i % 2 === 0 ? byte : 0x1c + (byte & 3)));
    expect(compressNumbers(bytes, 2).length).toBeLessThan(0.7 * bytes.length);
  });
});

describe('a compressed file is refused', () => {
  const bytes = noise(1000);
  const changed = (width: 1 | 2, change: (file: Buffer) => unknown): Uint8Array => {
    const file = Buffer.from(compressNumbers(bytes, width));
    const other = change(file);
    return other instanceof Uint8Array ? other : file;
  };

  it.each([
    ['with numbers of other bytes', changed(1, (file) => file.writeUInt8(4, 4)), /4 bytes/],
    ['that says no bytes', changed(1, (file) => file.writeUInt32LE(0, 8)), /from 0 bytes/],
    [
      'that says more than its layout takes',
      changed(1, (file) => file.writeUInt32LE(2 ** 31, 8)),
      /from 2147483648 bytes, not 1 to 73536/,
    ],
    ['that says half a number', changed(2, (file) => file.writeUInt32LE(999, 8)), /999/],
    ['that says too few', changed(1, (file) => file.writeUInt32LE(998, 8)), /expanded/],
    ['that says too many', changed(1, (file) => file.writeUInt32LE(1002, 8)), /has 1000/],
    ['that ends early', changed(2, (file) => file.subarray(0, -1)), /expanded/],
    ['that ends in its low bytes', changed(2, (file) => file.subarray(0, 300)), /expanded/],
    [
      'that would be far larger than it says',
      changed(1, (file) =>
        Buffer.concat([file.subarray(0, HEADER), brotliCompressSync(Buffer.alloc(2 ** 24))]),
      ),
      /expanded/,
    ],
  ])('%s', (_, file, message) => {
    const act = () => expand(file);
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow(message);
  });
});
