import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { InvalidDataError, messageOf } from '../errors.ts';
import type { ParameterLayout } from '../numeric/parameter-block.ts';
import { bytesOf, halvesOf } from './floats.ts';

/** Begins a compressed file. As a safetensors file it would have a header of a million GB. */
const MAGIC = Buffer.from('LDBR');
/** The magic, the bytes of a number, three zeros, and the file's length. */
const HEADER_BYTES = 12;
const WIDTH_AT = 4;
const LENGTH_AT = 8;
/** The fastest of brotli's levels that codes by frequency, with a window of 256 KiB. */
const OPTIONS = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 18 },
};
/** More than the names, shapes and scales of tensors take beside a value of 4 bytes. */
const VALUE_BYTES = 8;
const FILE_BYTES = 65_536;

/** The bytes of one number of a file. */
export type NumberWidth = 1 | 2;

/**
 * A file of numbers in fewer bytes, without loss. Of numbers of two bytes the low bytes are first, as
 * they are, because nothing makes them shorter; then come the high bytes, which are alike, since
 * exponents are, and those of numbers of one byte, by brotli (RFC 7932).
 *
 * @param bytes a whole number of numbers
 */
export function compressNumbers(bytes: Uint8Array, width: NumberWidth): Uint8Array {
  const [low, high] = width === 1 ? [new Uint8Array(), bytes] : split(bytes);
  const compressed = brotliCompressSync(high, OPTIONS);
  const file = new Uint8Array(HEADER_BYTES + low.length + compressed.length);
  file.set(MAGIC);
  file[WIDTH_AT] = width;
  new DataView(file.buffer).setUint32(LENGTH_AT, bytes.length, true);
  file.set(low, HEADER_BYTES);
  file.set(compressed, HEADER_BYTES + low.length);
  return file;
}

/**
 * The file that {@link compressNumbers} was given. Other files are returned as they are.
 *
 * @param layout what the file holds: one that claims to be much longer is not read
 * @param source what the bytes are, for messages
 * @throws InvalidDataError
 */
export function expandNumbers(
  bytes: Uint8Array,
  layout: Pick<ParameterLayout, 'size'>,
  source: string,
): Uint8Array {
  if (!isCompressed(bytes)) return bytes;
  const width = bytes[WIDTH_AT];
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(LENGTH_AT, true);
  if (width !== 1 && width !== 2) {
    throw new InvalidDataError(`${source} is compressed as numbers of ${width} bytes, not 1 or 2`);
  }
  const most = FILE_BYTES + VALUE_BYTES * layout.size;
  if (length === 0 || length > most || length % width !== 0) {
    const expected = `1 to ${most} that are whole numbers of ${width}`;
    throw new InvalidDataError(`${source} is compressed from ${length} bytes, not ${expected}`);
  }
  const numbers = length / width;
  const highAt = HEADER_BYTES + length - numbers;
  const high = decompress(bytes.subarray(highAt), numbers, source);
  if (width === 1) return Uint8Array.from(high); // memory of its own, aligned
  return join(bytes.subarray(HEADER_BYTES, highAt), high);
}

function isCompressed(bytes: Uint8Array): boolean {
  return bytes.length > HEADER_BYTES && MAGIC.equals(bytes.subarray(0, MAGIC.length));
}

function decompress(bytes: Uint8Array, length: number, source: string): Uint8Array {
  let expanded: Buffer;
  try {
    expanded = brotliDecompressSync(bytes, { maxOutputLength: length });
  } catch (cause) {
    const message = `${source} cannot be expanded: ${messageOf(cause)}`;
    throw new InvalidDataError(message, { cause });
  }
  if (expanded.length === length) return expanded;
  throw new InvalidDataError(`${source} has ${expanded.length} numbers, and says ${length}`);
}

function split(bytes: Uint8Array): [low: Uint8Array, high: Uint8Array] {
  const words = halvesOf(bytes);
  const low = new Uint8Array(words.length);
  const high = new Uint8Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as number;
    low[i] = word; // of which 8 bits are kept
    high[i] = word >> 8;
  }
  return [low, high];
}

function join(low: Uint8Array, high: Uint8Array): Uint8Array {
  const words = new Uint16Array(high.length);
  for (let i = 0; i < words.length; i++) {
    words[i] = ((high[i] as number) << 8) | (low[i] as number);
  }
  return bytesOf(words);
}
