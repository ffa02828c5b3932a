/** Iterations of this last while count, so that a pace that changes is seen soon. */
const WINDOW_MS = 15_000;
/** However slow they are, so many count. */
const MIN_ITERATIONS = 4;
/** However fast they are, no more are remembered. */
const MAX_ITERATIONS = 1024;
/** Over less than this there is no pace: what went before is told of all at once. */
const MIN_SPAN_MS = 50;

/** The pace of a run over a sliding window. */
export class RateWindow {
  #times: number[] = [];

  /** Forget all: the run begins, or goes on, now. */
  restart(now: number): void {
    this.#times = [now];
  }

  /** An iteration is complete. */
  add(now: number): void {
    this.#times.push(now);
    const outdated = this.#times.findIndex((time) => now - time <= WINDOW_MS);
    const surplus = Math.min(outdated, this.#times.length - 1 - MIN_ITERATIONS);
    const drop = Math.max(surplus, this.#times.length - 1 - MAX_ITERATIONS, 0);
    if (drop > 0) this.#times.splice(0, drop);
  }

  /** Milliseconds from one iteration's end to the next's; undefined before there is one. */
  get iterationMs(): number | undefined {
    const iterations = this.#times.length - 1;
    const elapsed = (this.#times.at(-1) ?? 0) - (this.#times[0] ?? 0);
    return iterations > 0 && elapsed >= MIN_SPAN_MS ? elapsed / iterations : undefined;
  }
}
