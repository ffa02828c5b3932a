import type { Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { type WeightsEncoder, type WeightsWire, weightsEncoder } from '../../wire/weights.ts';
import { exactFile, runKeys } from '../record/keys.ts';
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

/** How weights are published and removed. */
export interface PublisherOptions {
  /** How weights travel to those who train. Default: as they are. */
  readonly wire?: WeightsWire;
  /** See `CoordinatorContext.compress`. */
  readonly compress?: boolean;
  /** How many outdated objects are removed by one request. Default: 1. */
  readonly removedAtOnce?: number;
}

/**
 * Publishes networks' weights for the workers: one write-once object per version. A version is
 * written once only. The version before the last is removed: no job that still counts names it.
 */
export class WeightsPublisher {
  readonly #store: Store;
  readonly #runId: string;
  readonly #epoch: number;
  readonly #wire: WeightsWire;
  readonly #compress: boolean;
  readonly #removedAtOnce: number;
  readonly #published = new Map<string, Published>();
  readonly #encoders = new Map<string, WeightsEncoder>();
  #outdated: string[] = [];
  /** Objects that are not transient, and are not needed any more either. */
  #discarded: string[] = [];

  constructor(store: Store, runId: string, epoch: number, options: PublisherOptions = {}) {
    this.#store = store;
    this.#runId = runId;
    this.#epoch = epoch;
    this.#wire = options.wire ?? 'f32';
    this.#compress = options.compress ?? false;
    this.#removedAtOnce = options.removedAtOnce ?? 1;
  }

  /**
   * Publish those networks that have changed, for training, and say where they are.
   *
   * @throws WeightTooLargeError
   */
  async publish(
    networks: ReadonlyMap<string, NetworkWeights>,
  ): Promise<Record<string, PublishedWeights>> {
    const published: Record<string, PublishedWeights> = {};
    for (const [network, weights] of networks) {
      published[network] = await this.#publishNetwork(network, weights, this.#wire);
    }
    return published;
  }

  /**
   * Publish weights as they are, for drawing: images are those of the generator file, which is not
   * rounded. Where weights are rounded for training, they are an object of another name.
   */
  publishExact(network: string, weights: NetworkWeights): Promise<PublishedWeights> {
    const name = this.#wire === 'f32' ? network : exactFile(network);
    return this.#publishNetwork(name, weights, 'f32');
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
    wire: WeightsWire,
  ): Promise<PublishedWeights> {
    const previous = this.#published.get(network);
    if (previous?.version === version) return { key: previous.key, crc32: previous.crc32 };
    const encoder = this.#encoders.get(network) ?? weightsEncoder(layout, wire);
    this.#encoders.set(network, encoder);
    const bytes = encoder.encode(parameters, { compress: this.#compress });
    const key = runKeys.weights(this.#runId, network, version, this.#epoch);
    await this.#store.create(key, bytes, { transient: true });
    const published = { key, crc32: crc32(bytes) };
    this.#published.set(network, { version, ...published });
    if (previous) this.#outdated.push(previous.key);
    return published;
  }
}
