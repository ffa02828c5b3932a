/** How many pieces of memory are kept: enough for a step with few shards. */
const KEPT = 8;

/**
 * Memory that answers are read into, round after round. Reading into fresh memory takes longer, and
 * leaves garbage.
 */
export class MemoryPool {
  #free: Uint8Array[] = [];
  #used: Uint8Array[] = [];

  /** Memory of this size, if there is any. Pass what was read to {@link use}. */
  take(size: number): Uint8Array | undefined {
    const at = this.#free.findIndex(({ length }) => length === size);
    return at < 0 ? undefined : this.#free.splice(at, 1)[0];
  }

  /** These bytes are in use until the round is over. */
  use(bytes: Uint8Array): void {
    this.#used.push(bytes);
  }

  /** The round is over: all memory can be used again. */
  release(): void {
    this.#free = [...this.#used, ...this.#free].slice(0, KEPT);
    this.#used = [];
  }
}
