import type { ParameterLayout } from '../numeric/parameter-block.ts';
import { compressNumbers, type NumberWidth } from './compressed.ts';
import { encodeGradient, type Wire } from './gradient.ts';
import { Int8Encoder, type RoundingAddress } from './int8-gradient.ts';
import { ParameterEncoder } from './parameters.ts';

/** The bytes of a number that is compressed where that is wanted. */
const WIDTHS = { f32: undefined, f16: 2, int8: 1 } as const;

/**
 * Writes gradients of one layout as `encodeGradient` does, with little fresh memory: a float32
 * gradient is put into the memory of the file itself.
 */
export class GradientEncoder {
  /** Put the next gradient here before it is encoded. */
  readonly gradient: Float32Array;
  readonly #encode: (address: RoundingAddress) => Uint8Array;
  readonly #width: NumberWidth | undefined;

  constructor(layout: ParameterLayout, wire: Wire) {
    this.#width = WIDTHS[wire];
    if (wire === 'f32') {
      const encoder = new ParameterEncoder(layout);
      this.gradient = encoder.block;
      this.#encode = () => encoder.bytes;
    } else if (wire === 'int8') {
      const encoder = new Int8Encoder(layout);
      this.gradient = encoder.gradient;
      this.#encode = (address) => encoder.encode(address);
    } else {
      this.gradient = new Float32Array(layout.size);
      this.#encode = (address) => encodeGradient(layout, this.gradient, wire, address);
    }
  }

  /**
   * @param options `compress`: as `compressNumbers` does it; float32 is left as it is
   * @returns the file's bytes, valid until the next gradient is put in its place
   */
  encode(address: RoundingAddress, { compress = false } = {}): Uint8Array {
    const bytes = this.#encode(address);
    return compress && this.#width ? compressNumbers(bytes, this.#width) : bytes;
  }
}
