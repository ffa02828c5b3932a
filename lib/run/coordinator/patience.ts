const FIRST_LIMIT_MS = 60_000;
const SHORTEST_LIMIT_MS = 5_000;
const FACTOR = 8;
const HISTORY = 64;

/** A second copy of a job is of use when the first takes so many times as long as most jobs. */
const HEDGE_FACTOR = 2;
const HEDGE_QUANTILE = 0.95;
const HEDGE_MIN_HISTORY = 16;
/** Below this a second copy comes hardly sooner than the first. */
const SHORTEST_HEDGE_MS = 500;

/**
 * How long to wait for a job, by what the run's own recent jobs took: until a second copy is sent in
 * case a worker is slow, and until the job is taken for lost and sent again.
 */
export class Patience {
  readonly #recent: number[] = [];

  /** Learn how long a job took from sending to answer. */
  observe(ms: number): void {
    this.#recent.push(ms);
    if (this.#recent.length > HISTORY) this.#recent.shift();
  }

  /** A multiple of the slowest, within bounds. A cold start takes long: the first jobs have a minute. */
  limitMs(): number {
    if (this.#recent.length === 0) return FIRST_LIMIT_MS;
    const slowest = Math.max(...this.#recent);
    return Math.min(FIRST_LIMIT_MS, Math.max(SHORTEST_LIMIT_MS, FACTOR * slowest));
  }

  /** A multiple of a high quantile, within bounds; never while too few jobs have been observed. */
  hedgeMs(): number {
    if (this.#recent.length < HEDGE_MIN_HISTORY) return Number.POSITIVE_INFINITY;
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const slow = sorted[Math.floor(HEDGE_QUANTILE * sorted.length)] as number;
    return Math.max(SHORTEST_HEDGE_MS, HEDGE_FACTOR * slow);
  }
}
