import type { Backend } from '../../backend/backend.ts';
import { InvalidDataError } from '../../errors.ts';
import { networkLayout } from '../../program/network.ts';
import type { NetworkSpec, Parameters } from '../../program/program.ts';
import { RecentlyUsed } from '../../recently-used.ts';
import type { Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { WeightsDecoder } from '../../wire/weights.ts';
import type { PublishedWeights } from '../coordinator/publisher.ts';
import { disposeAll, toVariables } from './variables.ts';

/** How many networks a worker holds: jobs of several runs may come to the same warm worker. */
const CAPACITY = 6;

/** Published weights arrived damaged. */
class DamagedWeightsError extends InvalidDataError {}

interface Cached {
  readonly key: string;
  readonly parameters: Parameters;
  /** What its weights were read into. Tensors may not have copied them yet. */
  readonly memory: Uint8Array;
  readonly decoder: WeightsDecoder;
}

/**
 * A warm worker's networks as tensors, by the key of their weights. Networks that have not changed
 * are not read again. A network's new version replaces the old one.
 */
export class WeightsCache {
  readonly #store: Store;
  readonly #backend: Backend;
  readonly #cached = new RecentlyUsed<Cached>(CAPACITY, ({ parameters }) => disposeAll(parameters));

  constructor(store: Store, backend: Backend) {
    this.#store = store;
    this.#backend = backend;
  }

  /** A network's tensors, as variables, by their short names. */
  async load(runId: string, network: NetworkSpec, weights: PublishedWeights): Promise<Parameters> {
    const name = `${runId}/${network.name}`;
    const held = this.#cached.get(name);
    if (held?.key === weights.key) return held.parameters;
    this.#cached.delete(name); // the new version is read into its memory
    const { key } = weights;
    const memory = await this.#read(weights, held?.memory);
    const decoder = held?.decoder ?? new WeightsDecoder(networkLayout(network));
    const block = decoder.decode(memory, key);
    const parameters = toVariables(this.#backend.tf, network, block);
    this.#cached.set(name, { key, parameters, memory, decoder });
    return parameters;
  }

  async #read({ key, crc32: expected }: PublishedWeights, memory?: Uint8Array) {
    const { bytes } = await this.#store.get(key, memory);
    if (crc32(bytes) !== expected) throw new DamagedWeightsError(`${key} is damaged`);
    return bytes;
  }
}
