const FIRST_LIMIT_MS = 60_000;
/** A job of several iterations has so much more for each after the first. */
const FIRST_ITERATION_LIMIT_MS = 1_000;
const SHORTEST_LIMIT_MS = 5_000;
const FACTOR = 8;
/** However slow jobs are, one that takes so many times as long is taken for lost. */
const SLOW_FACTOR = 2;
const HISTORY = 64;

/** A second copy of a job is of use when the first takes so many times as long as most jobs. */
const HEDGE_FACTOR = 2;
const HEDGE_QUANTILE = 0.95;
const HEDGE_MIN_HISTORY = 16;
/** Below this a second copy comes hardly sooner than the first. */
const SHORTEST_HEDGE_MS = 500;

/** How long a job of so many iterations may take while nothing is known of its kind. */
export function firstLimitMs(iterations: number): number {
  return FIRST_LIMIT_MS + FIRST_ITERATION_LIMIT_MS * (iterations - 1);
}

/**
 * How long to wait for a job, by what the run's own recent jobs of its kind took: until a second copy
 * is sent in case a worker is slow, and until the job is taken for lost and sent again. All is by
 * iteration, because a lane's jobs may have many, and the last ones fewer.
 */
export class Patience {
  /** Milliseconds of an iteration. */
  readonly #recent: number[] = [];

  /** Learn how long a job took from sending to answer. */
  observe(ms: number, iterations = 1): void {
    this.#recent.push(ms / iterations);
    if (this.#recent.length > HISTORY) this.#recent.shift();
  }

  /** A multiple of the slowest, within bounds. A cold start takes long: the first jobs have a minute. */
  limitMs(iterations = 1): number {
    const first = firstLimitMs(iterations);
    if (this.#recent.length === 0) return first;
    const slowest = iterations * Math.max(...this.#recent);
    const most = Math.max(first, SLOW_FACTOR * slowest);
    return Math.min(most, Math.max(SHORTEST_LIMIT_MS, FACTOR * slowest));
  }

  /** A multiple of a high quantile, within bounds; never while too few jobs have been observed. */
  hedgeMs(iterations = 1): number {
    if (this.#recent.length < HEDGE_MIN_HISTORY) return Number.POSITIVE_INFINITY;
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const slow = sorted[Math.floor(HEDGE_QUANTILE * sorted.length)] as number;
    return Math.max(SHORTEST_HEDGE_MS, HEDGE_FACTOR * slow * iterations);
  }
}
