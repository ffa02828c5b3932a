import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';

/** Element types that Lambduel reads and writes, and their sizes in bytes. */
/** Bytes of a value, by its type. */
export const ELEMENT_BYTES = { F32: 4, F16: 2, I8: 1, U8: 1 } as const;
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const MAX_HEADER_BYTES = 1 << 20;
const MAX_DIMENSIONS = 8;
const OPENING_BRACE = 0x7b;

/** The element type of a tensor, by its safetensors name. */
export type Dtype = keyof typeof ELEMENT_BYTES;

/** A tensor as bytes: little-endian elements in C order. */
export interface RawTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** A file's tensors, in the order of their data, and its text metadata. */
export interface TensorFile {
  readonly tensors: readonly RawTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

const dimension = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.strictObject({
  dtype: z.enum(['F32', 'F16', 'I8', 'U8']),
  shape: z.array(dimension).max(MAX_DIMENSIONS),
  data_offsets: z.tuple([dimension, dimension]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * Write tensors in the safetensors format: the header's length as an unsigned 64-bit little-endian
 * integer, the header as JSON padded with spaces to a multiple of 8 bytes, and the data back to
 * back.
 *
 * Source: the format's description in the safetensors project's README.
 */
export function encodeTensors(file: TensorFile): Uint8Array {
  const entries: Record<string, unknown> = Object.create(null); // takes any name, `__proto__` too
  if (Object.keys(file.metadata).length > 0) entries.__metadata__ = file.metadata;
  let offset = 0;
  for (const { name, dtype, shape, data } of file.tensors) {
    if (name === '__metadata__' || name in entries) throw new Error(`Tensor name ${name} is taken`);
    entries[name] = { dtype, shape, data_offsets: [offset, offset + data.length] };
    offset += data.length;
  }
  const json = JSON.stringify(entries);
  const unpadded = Buffer.byteLength(json);
  const headerBytes = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const start = LENGTH_BYTES + headerBytes;
  const bytes = new Uint8Array(start + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  const buffer = Buffer.from(bytes.buffer);
  buffer.write(json, LENGTH_BYTES);
  buffer.fill(' ', LENGTH_BYTES + unpadded, start);
  offset = start;
  for (const { data } of file.tensors) {
    bytes.set(data, offset);
    offset += data.length;
  }
  return bytes;
}

/**
 * Read a safetensors file. Everything in it is checked: lengths, types, shapes against sizes, and
 * that the tensors fill the data exactly, without gaps or overlaps.
 *
 * @param source what the bytes are, for messages: a file's path or an object's key
 * @returns tensors that are views of `bytes`, not copies
 * @throws InvalidDataError that says what is wrong
 */
export function decodeTensors(bytes: Uint8Array, source: string): TensorFile {
  const fail = (what: string): never => {
    throw new InvalidDataError(`${source} is not a valid safetensors file: ${what}`);
  };
  if (bytes.length < LENGTH_BYTES) fail(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES) fail(`its header claims ${headerBytes} bytes`);
  const start = LENGTH_BYTES + headerBytes;
  if (start > bytes.length) fail('it ends inside its header');
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, start), fail);
  const data = bytes.subarray(start);

  let end = 0;
  const tensors: RawTensor[] = [];
  for (const [name, { dtype, shape, data_offsets: offsets }] of header.entries) {
    if (offsets[0] !== end) fail(`tensor ${name} does not begin where the one before it ends`);
    const size = shape.reduce((product, extent) => product * extent, ELEMENT_BYTES[dtype]);
    if (offsets[1] - offsets[0] !== size) fail(`tensor ${name} has not the size of its shape`);
    end = offsets[1];
    if (end > data.length) fail(`it ends inside tensor ${name}`);
    tensors.push({ name, dtype, shape, data: data.subarray(offsets[0], end) });
  }
  if (end !== data.length) fail(`${data.length - end} bytes follow its last tensor`);
  return { tensors, metadata: header.metadata };
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => never) {
  if (bytes[0] !== OPENING_BRACE) return fail('its header does not begin with {');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return fail('its header is not JSON');
  }
  const { __metadata__: rawMetadata, ...rawEntries } = json as Record<string, unknown>;
  const metadata = metadataSchema.safeParse(rawMetadata ?? {});
  if (!metadata.success) return fail('its metadata is not a map of texts');
  const entries = Object.entries(rawEntries).map(([name, raw]) => {
    const entry = entrySchema.safeParse(raw);
    if (!entry.success) return fail(`the header's entry of tensor ${name} is malformed`);
    return [name, entry.data] as const;
  });
  entries.sort(
    ([, a], [, b]) =>
      a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  return { entries, metadata: metadata.data };
}
