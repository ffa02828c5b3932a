const FIRST_LIMIT_MS = 60_000;
/** How much longer a job may take for each iteration after the first. */
const FIRST_ITERATION_LIMIT_MS = 1_000;
const SHORTEST_LIMIT_MS = 5_000;
const FACTOR = 8;
/**
 * A job counts as lost only after this many times the slowest recent one, however slow that was.
 */
const SLOW_FACTOR = 2;
const HISTORY = 64;

/** A second copy is sent when a job takes this many times as long as most jobs. */
const HEDGE_FACTOR = 2;
const HEDGE_QUANTILE = 0.95;
const HEDGE_MIN_HISTORY = 16;
/** A second copy that is sent sooner gains next to nothing. */
const SHORTEST_HEDGE_MS = 500;

/** How long a job of this many iterations may take before any job of its kind was answered. */
export function firstLimitMs(iterations: number): number {
  return FIRST_LIMIT_MS + FIRST_ITERATION_LIMIT_MS * (iterations - 1);
}

/**
 * How long to wait for a job, by what the run's recent jobs of the same kind took: first until a
 * second copy is sent, because the worker may be slow, then until the job counts as lost and is
 * sent again. Times are per iteration, because jobs of lanes have many, and the last ones fewer.
 */
export class Patience {
  /** Milliseconds per iteration. */
  readonly #recent: number[] = [];

  /** Learn how long a job took from sending to answer. */
  observe(ms: number, iterations = 1): void {
    this.#recent.push(ms / iterations);
    if (this.#recent.length > HISTORY) this.#recent.shift();
  }

  /** A multiple of the slowest, within bounds. The first jobs have a minute, for cold starts. */
  limitMs(iterations = 1): number {
    const first = firstLimitMs(iterations);
    if (this.#recent.length === 0) return first;
    const slowest = iterations * Math.max(...this.#recent);
    const most = Math.max(first, SLOW_FACTOR * slowest);
    return Math.min(most, Math.max(SHORTEST_LIMIT_MS, FACTOR * slowest));
  }

  /**
   * A multiple of a high quantile, within bounds. Infinite while too few jobs have been observed.
   */
  hedgeMs(iterations = 1): number {
    if (this.#recent.length < HEDGE_MIN_HISTORY) return Number.POSITIVE_INFINITY;
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const slow = sorted[Math.floor(HEDGE_QUANTILE * sorted.length)] as number;
    return Math.max(SHORTEST_HEDGE_MS, HEDGE_FACTOR * slow * iterations);
  }
}
