import { z } from 'zod';
import { InvalidDataError, LambduelError } from '../errors.ts';
import { fromHalf, toHalf } from '../numeric/half.ts';
import { type ParameterLayout, tensorView } from '../numeric/parameter-block.ts';
import { compressNumbers, expandNumbers } from './compressed.ts';
import { halvesOf } from './floats.ts';
import { emptyTensors, ParameterEncoder, requireLayout, viewParameters } from './parameters.ts';
import { decodeTensors, encodeTensors, type RawTensor } from './safetensors.ts';

/** How weights are published for training: as they are, or rounded to half floats. */
export const weightsWireSchema = z.enum(['f32', 'f16']);

/** See {@link weightsWireSchema}. */
export type WeightsWire = z.infer<typeof weightsWireSchema>;

const HALF_BYTES = 2;
const MAGNITUDE = 0x7fff;
const INFINITY = 0x7c00;

/** A weight is beyond the largest half float. */
export class WeightTooLargeError extends LambduelError {
  constructor(tensor: string, value: number) {
    super(`${tensor} has a weight of ${value}, and the largest half float is 65504`, {
      hint: 'Start a new run with --weights-wire f32. If weights should not be so large, try a lower --learning-rate.',
    });
  }
}

/** Writes networks' weights of one layout, into the same memory each time. */
export interface WeightsEncoder {
  /**
   * @param options `compress`: as `compressNumbers` does it; float32 is left as it is
   * @returns the file's bytes, which are good until the next call
   * @throws WeightTooLargeError
   */
  encode(block: Float32Array, options?: { readonly compress?: boolean }): Uint8Array;
}

/** The encoder for weights of this layout. */
export function weightsEncoder(layout: ParameterLayout, wire: WeightsWire): WeightsEncoder {
  return wire === 'f32' ? new ParameterEncoder(layout) : new HalfEncoder(layout);
}

/** Each weight to the nearest half float, ties to even, without a scale. */
class HalfEncoder implements WeightsEncoder {
  readonly #layout: ParameterLayout;
  readonly #bytes: Uint8Array;
  readonly #halves: Uint16Array;

  constructor(layout: ParameterLayout) {
    this.#layout = layout;
    this.#bytes = encodeTensors({ tensors: emptyTensors(layout, 'F16'), metadata: {} });
    this.#halves = halvesOf(this.#bytes.subarray(this.#bytes.length - layout.size * HALF_BYTES));
  }

  encode(block: Float32Array, { compress = false } = {}): Uint8Array {
    for (const place of this.#layout.tensors) {
      const { name, offset, size } = place;
      const values = tensorView(block, place);
      const halves = this.#halves.subarray(offset, offset + size);
      toHalf(values, 0, halves);
      const large = halves.findIndex(
        (half, i) => (half & MAGNITUDE) === INFINITY && Number.isFinite(values[i]),
      );
      if (large >= 0) throw new WeightTooLargeError(name, values[large] as number);
    }
    return compress ? compressNumbers(this.#bytes, HALF_BYTES) : this.#bytes;
  }
}

/**
 * Reads published weights of one layout, of either form. Those of half floats go into the same
 * memory each time.
 */
export class WeightsDecoder {
  readonly #layout: ParameterLayout;
  #floats: Float32Array | undefined;

  constructor(layout: ParameterLayout) {
    this.#layout = layout;
  }

  /**
   * @param source what the bytes are, for messages
   * @returns the weights, good as long as the bytes are, and until the next call
   * @throws InvalidDataError when the tensors are not exactly the layout's
   */
  decode(bytes: Uint8Array, source: string): Float32Array {
    const file = expandNumbers(bytes, this.#layout, source);
    const { tensors } = decodeTensors(file, source);
    if (!tensors.some(({ dtype }) => dtype === 'F16')) {
      return viewParameters(this.#layout, file, tensors, source);
    }
    requireLayout(this.#layout, tensors, source);
    this.#floats ??= new Float32Array(this.#layout.size);
    for (const place of this.#layout.tensors) {
      const { dtype, data } = tensors.find(({ name }) => name === place.name) as RawTensor;
      if (dtype !== 'F16') {
        throw new InvalidDataError(`${source}: tensor ${place.name} is ${dtype}, not F16`);
      }
      fromHalf(halvesOf(data), 0, tensorView(this.#floats, place));
    }
    return this.#floats;
  }
}
