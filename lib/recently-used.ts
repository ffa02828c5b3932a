/**
 * The values that were used last, by key. The one that was not used for longest is dropped first.
 */
export class RecentlyUsed<V> {
  readonly #capacity: number;
  readonly #onDrop: (value: V) => void;
  readonly #values = new Map<string, V>(); // the most recently used comes last

  /** @param onDrop called with each value that is replaced or dropped */
  constructor(capacity: number, onDrop: (value: V) => void = () => {}) {
    this.#capacity = capacity;
    this.#onDrop = onDrop;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#drop(key);
    this.#values.set(key, value);
    const [oldest = key] = this.#values.keys();
    if (this.#values.size > this.#capacity) this.#drop(oldest);
  }

  /** Forget one. */
  delete(key: string): void {
    this.#drop(key);
  }

  /** Forget them all. */
  clear(): void {
    for (const key of [...this.#values.keys()]) this.#drop(key);
  }

  #drop(key: string): void {
    const value = this.#values.get(key);
    if (value === undefined) return;
    this.#values.delete(key);
    this.#onDrop(value);
  }
}
