import type { DiskStore } from '../lib/store/disk.ts';
import { type Store, type StoredObject, StoreUnavailableError } from '../lib/store/store.ts';
import type { FaultSource } from './fault-source.ts';
import { FaultyStore, purposeOf } from './faulty-store.ts';

/** A coordinator's store, which fails as the plan says. */
export class CoordinatorStore extends FaultyStore {
  readonly #speed: number;
  #full = false;

  /** @param speed how much faster than time the coordinator's clock runs */
  constructor(store: DiskStore, faults: FaultSource, speed: number) {
    super(store, faults);
    this.#speed = speed;
  }

  override async get(...args: Parameters<Store['get']>): Promise<StoredObject> {
    const [key] = args;
    let object = await this.store.get(...args);
    if (purposeOf(key) === 'gradients') {
      this.refuse('coordinator');
      await this.slowDown('gradient');
      object = this.corrupt('gradient', object);
    }
    return { ...object, ageMs: object.ageMs * this.#speed };
  }

  override async create(...args: Parameters<Store['create']>): Promise<string> {
    const [key, bytes] = args;
    const purpose = purposeOf(key);
    if (this.faults.take('store-full', purpose)) this.#full = true;
    this.#requireRoom();
    if (purpose === 'weights') this.refuse('coordinator');
    this.tear(purpose, bytes);
    const etag = await this.store.create(...args);
    this.deny(purpose);
    return etag;
  }

  override async replace(...args: Parameters<Store['replace']>): Promise<string> {
    const [key, , etag] = args;
    this.#requireRoom();
    const conflict = this.faults.take('write-conflict', 'head');
    for (let i = 0; i < (conflict?.times ?? 0); i++) await this.#touch(key, etag);
    const replaced = await this.store.replace(...args);
    this.deny('head');
    return replaced;
  }

  override async put(...args: Parameters<Store['put']>): Promise<void> {
    this.#requireRoom();
    await this.store.put(...args);
  }

  override async remove(keys: readonly string[]): Promise<void> {
    if (/^(weights|gradients)$/.test(purposeOf(keys[0] ?? ''))) this.refuse('removal');
    await this.store.remove(keys);
    if (keys.length > 0) this.#full = false;
  }

  /** Someone else writes the very same object just before: its ETag is another from then on. */
  async #touch(key: string, etag: string): Promise<void> {
    const current = await this.store.get(key);
    if (current.etag === etag) await this.store.replace(key, current.bytes, etag).catch(() => {});
  }

  #requireRoom(): void {
    if (!this.#full) return;
    throw new StoreUnavailableError('fault: ENOSPC: no space left on device');
  }
}
