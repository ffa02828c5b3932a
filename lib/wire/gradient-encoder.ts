import type { ParameterLayout } from '../numeric/parameter-block.ts';
import { encodeGradient, type Wire } from './gradient.ts';
import { ParameterEncoder } from './parameters.ts';

/**
 * Writes gradients of one layout as `encodeGradient` does, with little fresh memory: a float32
 * gradient is put into the memory of the file itself.
 */
export class GradientEncoder {
  /** Put the next gradient here before it is encoded. */
  readonly gradient: Float32Array;
  readonly #encode: () => Uint8Array;

  constructor(layout: ParameterLayout, wire: Wire) {
    if (wire === 'f32') {
      const encoder = new ParameterEncoder(layout);
      this.gradient = encoder.block;
      this.#encode = () => encoder.bytes;
    } else {
      this.gradient = new Float32Array(layout.size);
      this.#encode = () => encodeGradient(layout, this.gradient, wire);
    }
  }

  /** @returns the file's bytes, valid until the next gradient is put in its place */
  encode(): Uint8Array {
    return this.#encode();
  }
}
