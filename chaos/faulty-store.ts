import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DiskStore } from '../lib/store/disk.ts';
import { type Store, type StoredObject, StoreUnavailableError } from '../lib/store/store.ts';
import { damaged } from './damage.ts';
import type { FaultSource } from './fault-source.ts';

const REASONS = ['500: InternalError', '503: ServiceUnavailable', '503: SlowDown'];

/** What an object is for: `weights` of `runs/<run>/weights/...`. */
export function purposeOf(key: string): string {
  return key.split('/')[2]?.replace('.json', '').replace('checkpoints', 'checkpoint') ?? '';
}

/** What the stores of coordinators and of workers have in common: how it is that they fail. */
export abstract class FaultyStore implements Store {
  protected readonly store: DiskStore;
  protected readonly faults: FaultSource;
  #refused = 0;

  constructor(store: DiskStore, faults: FaultSource) {
    this.store = store;
    this.faults = faults;
  }

  get(...args: Parameters<Store['get']>): Promise<StoredObject> {
    return this.store.get(...args);
  }

  create(...args: Parameters<Store['create']>): Promise<string> {
    return this.store.create(...args);
  }

  replace(...args: Parameters<Store['replace']>): Promise<string> {
    return this.store.replace(...args);
  }

  put(...args: Parameters<Store['put']>): Promise<void> {
    return this.store.put(...args);
  }

  list(...args: Parameters<Store['list']>): ReturnType<Store['list']> {
    return this.store.list(...args);
  }

  remove(...args: Parameters<Store['remove']>): Promise<void> {
    return this.store.remove(...args);
  }

  /** Requests that are refused, several in a row. */
  protected refuse(variant: string): void {
    const fault = this.faults.take('store-unavailable', variant);
    if (fault) this.#refused = fault.times;
    if (this.#refused === 0) return;
    this.#refused--;
    throw new StoreUnavailableError(`fault: ${REASONS[this.#refused % REASONS.length]}`);
  }

  /** A write that has succeeded is said to have failed. */
  protected deny(variant: string): void {
    if (!this.faults.take('write-unreported', variant)) return;
    throw new StoreUnavailableError('fault: the connection was lost before the answer');
  }

  /** The process dies in the middle of a write. */
  protected tear(variant: string, bytes: Uint8Array): void {
    if (!this.faults.take('torn-upload', variant)) return;
    const name = `${process.pid}-${randomBytes(8).toString('hex')}`;
    writeFileSync(join(this.store.root, '.tmp', name), bytes.subarray(0, bytes.length / 2));
    process.kill(process.pid, 'SIGKILL');
  }

  protected async slowDown(variant: string): Promise<void> {
    const fault = this.faults.take('slow-read', variant);
    if (fault) await sleep(fault.ms);
  }

  /** Some of the bytes that are read are others. */
  protected corrupt(variant: string, object: StoredObject): StoredObject {
    if (!this.faults.take('payload-corrupted', variant)) return object;
    return { ...object, bytes: damaged(object.bytes) };
  }
}
