import { InvalidDataError } from '../errors.ts';
import { type ParameterLayout, tensorView } from '../numeric/parameter-block.ts';
import { bytesOf, floatsOf } from './floats.ts';
import { decodeTensors, encodeTensors, type RawTensor } from './safetensors.ts';

/** A block of float32 parameters as a safetensors file, a tensor each. */
export function encodeParameters(
  layout: ParameterLayout,
  block: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const tensors = layout.tensors.map((place) => ({
    name: place.name,
    dtype: 'F32' as const,
    shape: place.shape,
    data: bytesOf(tensorView(block, place)),
  }));
  return encodeTensors({ tensors, metadata });
}

/**
 * A safetensors file as a block of float32 parameters.
 *
 * @param source what the bytes are, for messages
 * @throws InvalidDataError when its tensors are not exactly the layout's
 */
export function decodeParameters(
  layout: ParameterLayout,
  bytes: Uint8Array,
  source: string,
): Float32Array {
  const { tensors } = decodeTensors(bytes, source);
  requireLayout(layout, tensors, source);
  const block = new Float32Array(layout.size);
  for (const tensor of tensors) {
    if (tensor.dtype !== 'F32') {
      throw new InvalidDataError(`${source}: tensor ${tensor.name} is ${tensor.dtype}, not F32`);
    }
    const place = layout.tensors.find(({ name }) => name === tensor.name);
    if (place) block.set(floatsOf(tensor.data), place.offset);
  }
  return block;
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
