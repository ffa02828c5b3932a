/** A tensor's place in a {@link ParameterLayout}. */
export interface TensorPlace {
  readonly name: string;
  readonly shape: readonly number[];
  /** In elements from the start of the block. */
  readonly offset: number;
  readonly size: number;
}

/** How a network's tensors lie in one contiguous float32 block, in the network's own order. */
export interface ParameterLayout {
  readonly tensors: readonly TensorPlace[];
  /** Number of parameters in all. */
  readonly size: number;
}

/** Lay tensors out back to back, in the order given. */
export function layOut(
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
): ParameterLayout {
  let offset = 0;
  const places = tensors.map(({ name, shape }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const place = { name, shape, offset, size };
    offset += size;
    return place;
  });
  return { tensors: places, size: offset };
}

/** A tensor's part of a block: a view, not a copy. */
export function tensorView(block: Float32Array, place: TensorPlace): Float32Array {
  return block.subarray(place.offset, place.offset + place.size);
}
