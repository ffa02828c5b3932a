import { InvalidDataError } from '../errors.ts';
import { type ParameterLayout, tensorView } from '../numeric/parameter-block.ts';
import { bytesOf, floatsOf } from './floats.ts';
import {
  type Dtype,
  decodeTensors,
  ELEMENT_BYTES,
  encodeTensors,
  type RawTensor,
} from './safetensors.ts';

const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** A block of float32 parameters as a safetensors file, with one entry per tensor. */
export function encodeParameters(
  layout: ParameterLayout,
  block: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return encodeTensors({ tensors: splitParameters(layout, block), metadata });
}

/** The tensors of a block, as views of its memory. */
export function splitParameters(layout: ParameterLayout, block: Float32Array): RawTensor[] {
  return layout.tensors.map((place) => ({
    name: place.name,
    dtype: 'F32' as const,
    shape: place.shape,
    data: bytesOf(tensorView(block, place)),
  }));
}

/** Tensors of a layout whose values are yet to be written. */
export function emptyTensors({ tensors }: ParameterLayout, dtype: Dtype): RawTensor[] {
  return tensors.map(({ name, shape, size }) => {
    return { name, dtype, shape, data: new Uint8Array(size * ELEMENT_BYTES[dtype]) };
  });
}

/**
 * Writes blocks of one layout as {@link encodeParameters} does, into the same memory each time. A
 * megabyte of garbage per step costs more time in the collector than the copy itself.
 */
export class ParameterEncoder {
  /** The file, as it was encoded last. */
  readonly bytes: Uint8Array;
  /** The parameters in it: what is put here is encoded. */
  readonly block: Float32Array;

  constructor(layout: ParameterLayout) {
    this.bytes = encodeParameters(layout, new Float32Array(layout.size));
    const start = this.bytes.byteLength - layout.size * FLOAT_BYTES;
    this.block = floatsOf(this.bytes.subarray(start));
  }

  /** @returns the file's bytes, which are good until the next call */
  encode(block: Float32Array): Uint8Array {
    this.block.set(block);
    return this.bytes;
  }
}

/**
 * A safetensors file as a block of float32 parameters: a view of its bytes where its tensors are in
 * the layout's order, which is how {@link encodeParameters} writes them.
 *
 * @param source what the bytes are, for messages
 * @throws InvalidDataError when its tensors are not exactly the layout's
 */
export function decodeParameters(
  layout: ParameterLayout,
  bytes: Uint8Array,
  source: string,
): Float32Array {
  return viewParameters(layout, bytes, decodeTensors(bytes, source).tensors, source);
}

/**
 * The same for a file whose tensors are known already.
 *
 * @param tensors all of those in `bytes`
 */
export function viewParameters(
  layout: ParameterLayout,
  bytes: Uint8Array,
  tensors: readonly RawTensor[],
  source: string,
): Float32Array {
  requireFloats(layout, tensors, source);
  const inOrder = tensors.every(({ name }, i) => name === layout.tensors[i]?.name);
  if (inOrder) return floatsOf(bytes.subarray(bytes.length - layout.size * FLOAT_BYTES));
  return joinParameters(layout, tensors, source);
}

/**
 * Tensors of a file as a block of float32 parameters, in the layout's order.
 *
 * @throws InvalidDataError when they are not exactly the layout's
 */
export function joinParameters(
  layout: ParameterLayout,
  tensors: readonly RawTensor[],
  source: string,
): Float32Array {
  requireFloats(layout, tensors, source);
  const block = new Float32Array(layout.size);
  for (const { name, data } of tensors) {
    const place = layout.tensors.find((candidate) => candidate.name === name);
    if (place) block.set(floatsOf(data), place.offset);
  }
  return block;
}

function requireFloats(
  layout: ParameterLayout,
  tensors: readonly RawTensor[],
  source: string,
): void {
  requireLayout(layout, tensors, source);
  for (const { name, dtype } of tensors) {
    if (dtype !== 'F32')
      throw new InvalidDataError(`${source}: tensor ${name} is ${dtype}, not F32`);
  }
}

/** Throw unless the tensors are the layout's: the same names, each with its shape. */
export function requireLayout(
  layout: ParameterLayout,
  tensors: readonly RawTensor[],
  source: string,
): void {
  for (const { name, shape } of layout.tensors) {
    const tensor = tensors.find((candidate) => candidate.name === name);
    if (!tensor) throw new InvalidDataError(`${source} has no tensor ${name}`);
    if (tensor.shape.join() !== shape.join()) {
      throw new InvalidDataError(
        `${source}: tensor ${name} has the shape [${tensor.shape}], not [${shape}]`,
      );
    }
  }
  if (tensors.length !== layout.tensors.length) {
    const known = new Set(layout.tensors.map(({ name }) => name));
    const extra = tensors.find(({ name }) => !known.has(name));
    throw new InvalidDataError(`${source} has a tensor too many: ${extra?.name}`);
  }
}
