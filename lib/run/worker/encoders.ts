import type { ParameterLayout } from '../../numeric/parameter-block.ts';
import { RecentlyUsed } from '../../recently-used.ts';
import type { Wire } from '../../wire/gradient.ts';
import { GradientEncoder } from '../../wire/gradient-encoder.ts';

/** How many encoders a worker holds. Each has memory for one gradient. */
const CAPACITY = 6;

/** A warm worker's encoders of gradients, which are used job after job. */
export class Encoders {
  readonly #held = new RecentlyUsed<GradientEncoder>(CAPACITY);

  /** The encoder for gradients of this layout. */
  for(layout: ParameterLayout, wire: Wire): GradientEncoder {
    const name = JSON.stringify([layout.tensors.map(({ name, shape }) => [name, shape]), wire]);
    const held = this.#held.get(name);
    if (held) return held;
    const encoder = new GradientEncoder(layout, wire);
    this.#held.set(name, encoder);
    return encoder;
  }
}
