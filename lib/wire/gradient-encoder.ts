import type { ParameterLayout } from '../numeric/parameter-block.ts';
import { encodeGradient, type Wire } from './gradient.ts';
import { ParameterEncoder } from './parameters.ts';

/**
 * Writes gradients of one layout as `encodeGradient` does, with as little fresh memory as can be: as
 * float32 they are put where the file has them.
 */
export class GradientEncoder {
  /** Where the next gradient is to be put, before it is encoded. */
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

  /** @returns the file's bytes, which are good until the next gradient is put in its place */
  encode(): Uint8Array {
    return this.#encode();
  }
}
