import type { Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { ParameterEncoder } from '../../wire/parameters.ts';
import { runKeys } from '../record/keys.ts';
import type { NetworkWeights } from '../record/training-state.ts';
import { removeTransient } from './remove-transient.ts';

/** Where a network's published weights are, and their checksum. */
export interface PublishedWeights {
  readonly key: string;
  readonly crc32: string;
}

interface Published extends PublishedWeights {
  readonly version: number;
}

/**
 * Publishes networks' weights for the workers: one write-once object per version. A version is
 * written once only. The version before the last is removed: no job that still counts names it.
 */
export class WeightsPublisher {
  readonly #store: Store;
  readonly #runId: string;
  readonly #epoch: number;
  readonly #removedAtOnce: number;
  readonly #published = new Map<string, Published>();
  readonly #encoders = new Map<string, ParameterEncoder>();
  #outdated: string[] = [];
  /** Objects that are not transient, and are not needed any more either. */
  #discarded: string[] = [];

  /** @param removedAtOnce how many outdated objects are removed by one request */
  constructor(store: Store, runId: string, epoch: number, removedAtOnce = 1) {
    this.#store = store;
    this.#runId = runId;
    this.#epoch = epoch;
    this.#removedAtOnce = removedAtOnce;
  }

  /** Publish those networks that have changed, and say where they are. */
  async publish(
    networks: ReadonlyMap<string, NetworkWeights>,
  ): Promise<Record<string, PublishedWeights>> {
    for (const [network, weights] of networks) await this.#publishNetwork(network, weights);
    return Object.fromEntries(
      [...networks.keys()].flatMap((network) => {
        const published = this.#published.get(network);
        return published ? [[network, { key: published.key, crc32: published.crc32 }]] : [];
      }),
    );
  }

  /** Other objects that no job needs any more. They are removed with outdated weights. */
  discard(keys: readonly string[]): void {
    this.#discarded.push(...keys);
  }

  /**
   * Remove what no job needs any more. Called while the workers compute. What cannot be removed now
   * is removed at the run's end.
   */
  async prune(): Promise<void> {
    const [outdated, discarded] = [this.#outdated, this.#discarded];
    if (outdated.length + discarded.length < this.#removedAtOnce) return;
    this.#outdated = [];
    this.#discarded = [];
    if (outdated.length > 0) {
      await this.#store.remove(outdated, { transient: true }).catch(() => {});
    }
    if (discarded.length > 0) await this.#store.remove(discarded).catch(() => {});
  }

  /**
   * Remove all published weights and gradients of this run, of this epoch and earlier ones. Those
   * of a later epoch are in use by another coordinator.
   */
  async clear(): Promise<void> {
    this.#outdated = [];
    this.#discarded = [];
    await removeTransient(this.#store, this.#runId, (epoch) => epoch <= this.#epoch);
  }

  async #publishNetwork(
    network: string,
    { layout, parameters, version }: NetworkWeights,
  ): Promise<void> {
    const previous = this.#published.get(network);
    if (previous?.version === version) return;
    const encoder = this.#encoders.get(network) ?? new ParameterEncoder(layout);
    this.#encoders.set(network, encoder);
    const bytes = encoder.encode(parameters);
    const key = runKeys.weights(this.#runId, network, version, this.#epoch);
    await this.#store.create(key, bytes, { transient: true });
    this.#published.set(network, { version, key, crc32: crc32(bytes) });
    if (previous) this.#outdated.push(previous.key);
  }
}
