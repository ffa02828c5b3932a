import { networkLayout } from '../../program/network.ts';
import type { NetworkSpec } from '../../program/program.ts';
import { RecentlyUsed } from '../../recently-used.ts';
import { GradientEncoder } from '../../wire/gradient-encoder.ts';
import type { GradientJob } from '../../wire/messages.ts';

/** How many encoders a worker holds. Each has memory for one gradient. */
const CAPACITY = 6;

/** A warm worker's encoders of gradients, which are used job after job. */
export class Encoders {
  readonly #held = new RecentlyUsed<GradientEncoder>(CAPACITY);

  /** The encoder for gradients of a network. */
  for(
    network: NetworkSpec,
    { program, wire }: Pick<GradientJob, 'program' | 'wire'>,
  ): GradientEncoder {
    const name = JSON.stringify([program, network.name, wire]);
    const held = this.#held.get(name);
    if (held) return held;
    const encoder = new GradientEncoder(networkLayout(network), wire);
    this.#held.set(name, encoder);
    return encoder;
  }
}
