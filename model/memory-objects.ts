import {
  checkKey,
  type ListedObject,
  ObjectChangedError,
  ObjectExistsError,
  ObjectNotFoundError,
  type StoredObject,
} from '../lib/store/store.ts';

interface Entry {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly writtenAt: number;
}

/** Objects in memory: a store's operations, each done at once. */
export class MemoryObjects {
  readonly #objects = new Map<string, Entry>();
  readonly #now: () => number;
  #written = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get(key: string): StoredObject {
    checkKey(key);
    const entry = this.#objects.get(key);
    if (!entry) throw new ObjectNotFoundError(key);
    const bytes = entry.bytes.slice(); // a reader may write into what it got
    return { bytes, etag: entry.etag, ageMs: this.#now() - entry.writtenAt };
  }

  create(key: string, bytes: Uint8Array): string {
    checkKey(key);
    if (this.#objects.has(key)) throw new ObjectExistsError(key);
    return this.put(key, bytes);
  }

  replace(key: string, bytes: Uint8Array, etag: string): string {
    checkKey(key);
    if (this.#objects.get(key)?.etag !== etag) throw new ObjectChangedError(key);
    return this.put(key, bytes);
  }

  /** @param bytes from now on the store's own */
  put(key: string, bytes: Uint8Array): string {
    checkKey(key);
    const etag = `"${++this.#written}"`;
    this.#objects.set(key, { bytes, etag, writtenAt: this.#now() });
    return etag;
  }

  list(prefix: string): ListedObject[] {
    if (prefix !== '') checkKey(prefix.replace(/\/$/, ''));
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { bytes }]) => ({ key, size: bytes.length }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  remove(keys: readonly string[]): void {
    for (const key of keys) checkKey(key);
    for (const key of keys) this.#objects.delete(key);
  }

  has(key: string): boolean {
    return this.#objects.has(key);
  }
}
