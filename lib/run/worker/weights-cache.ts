import type { Tensor } from '@tensorflow/tfjs-core';
import type { Backend } from '../../backend/backend.ts';
import { InvalidDataError } from '../../errors.ts';
import { tensorView } from '../../numeric/parameter-block.ts';
import { networkLayout } from '../../program/network.ts';
import type { NetworkSpec, Parameters } from '../../program/program.ts';
import { RecentlyUsed } from '../../recently-used.ts';
import type { Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { decodeParameters } from '../../wire/parameters.ts';
import type { PublishedWeights } from '../coordinator/publisher.ts';

/** Networks that a worker holds at once: several runs' may come to the same warm worker. */
const CAPACITY = 6;

/** Published weights arrived damaged. */
class DamagedWeightsError extends InvalidDataError {}

interface Cached {
  readonly key: string;
  readonly parameters: Parameters;
}

/**
 * A warm worker's networks as tensors, by the key of their weights: what has not changed is not read
 * again. A network's new version takes the old one's place.
 */
export class WeightsCache {
  readonly #store: Store;
  readonly #backend: Backend;
  readonly #cached = new RecentlyUsed<Cached>(CAPACITY, ({ parameters }) => {
    for (const tensor of Object.values(parameters)) tensor.dispose();
  });

  constructor(store: Store, backend: Backend) {
    this.#store = store;
    this.#backend = backend;
  }

  /** A network's tensors, as variables, by their short names. */
  async load(runId: string, network: NetworkSpec, weights: PublishedWeights): Promise<Parameters> {
    const name = `${runId}/${network.name}`;
    const held = this.#cached.get(name);
    if (held?.key === weights.key) return held.parameters;
    const parameters = this.#toTensors(network, await this.#read(network, weights));
    this.#cached.set(name, { key: weights.key, parameters });
    return parameters;
  }

  async #read(network: NetworkSpec, { key, crc32: expected }: PublishedWeights) {
    const { bytes } = await this.#store.get(key);
    if (crc32(bytes) !== expected) throw new DamagedWeightsError(`${key} is damaged`);
    return decodeParameters(networkLayout(network), bytes, key);
  }

  #toTensors(network: NetworkSpec, block: Float32Array): Parameters {
    const { tf } = this.#backend;
    const { tensors } = networkLayout(network);
    return Object.fromEntries(
      tensors.map((place, i) => {
        const value = tf.tensor(tensorView(block, place), [...place.shape]);
        const variable = tf.variable(value) as Tensor;
        value.dispose();
        return [network.tensors[i]?.name ?? place.name, variable];
      }),
    );
  }
}
