import type { ParameterLayout } from '../numeric/parameter-block.ts';
import { encodeGradient, type Wire } from './gradient.ts';
import { Int8Encoder, type RoundingAddress } from './int8-gradient.ts';
import { ParameterEncoder } from './parameters.ts';

/**
 * Writes gradients of one layout as `encodeGradient` does, with little fresh memory: a float32
 * gradient is put into the memory of the file itself.
 */
export class GradientEncoder {
  /** Put the next gradient here before it is encoded. */
  readonly gradient: Float32Array;
  readonly #encode: (address: RoundingAddress) => Uint8Array;

  constructor(layout: ParameterLayout, wire: Wire) {
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

  /** @returns the file's bytes, valid until the next gradient is put in its place */
  encode(address: RoundingAddress): Uint8Array {
    return this.#encode(address);
  }
}
