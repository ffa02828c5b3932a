const FIRST_LIMIT_MS = 60_000;
const SHORTEST_LIMIT_MS = 5_000;
const FACTOR = 8;
const HISTORY = 64;

/**
 * How long to wait for a job before it is sent again: a multiple of the slowest of the run's own
 * recent jobs, within bounds. A cold start takes long, so the first jobs have a minute.
 */
export class Patience {
  readonly #recent: number[] = [];

  /** Learn how long a job took from sending to answer. */
  observe(ms: number): void {
    this.#recent.push(ms);
    if (this.#recent.length > HISTORY) this.#recent.shift();
  }

  limitMs(): number {
    if (this.#recent.length === 0) return FIRST_LIMIT_MS;
    const slowest = Math.max(...this.#recent);
    return Math.min(FIRST_LIMIT_MS, Math.max(SHORTEST_LIMIT_MS, FACTOR * slowest));
  }
}
