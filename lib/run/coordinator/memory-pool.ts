/** Pieces of memory that are kept: a step's answers, while there are few. */
const KEPT = 8;

/**
 * Memory that answers are read into, round after round: fresh memory costs more than reading into
 * memory that is there, and leaves garbage.
 */
export class MemoryPool {
  #free: Uint8Array[] = [];
  #used: Uint8Array[] = [];

  /** Memory of this size, if there is some. Whatever is read is to be handed to {@link use}. */
  take(size: number): Uint8Array | undefined {
    const at = this.#free.findIndex(({ length }) => length === size);
    return at < 0 ? undefined : this.#free.splice(at, 1)[0];
  }

  /** This is in use until the round is over. */
  use(bytes: Uint8Array): void {
    this.#used.push(bytes);
  }

  /** Nothing that was read is in use any more. */
  release(): void {
    this.#free = [...this.#used, ...this.#free].slice(0, KEPT);
    this.#used = [];
  }
}
