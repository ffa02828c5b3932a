/** Only iterations of this last period count, so that a change of pace is seen soon. */
const WINDOW_MS = 15_000;
/** At least this many moments count, however slow iterations are. */
const MIN_MOMENTS = 4;
/** At most this many are remembered, however fast iterations are. */
const MAX_MOMENTS = 1024;
/**
 * Iterations that are reported within this time belong to one moment: a round of local iterations
 * reports all of them at once. There is no pace over less than this.
 */
const MOMENT_MS = 50;

/** Iterations that were reported at one moment. */
interface Moment {
  readonly from: number;
  /** When the last of them was reported. */
  to: number;
  iterations: number;
}

/** The pace of a run over a sliding window. */
export class RateWindow {
  #moments: Moment[] = [];

  /** Forget all: the run begins or continues now. */
  restart(now: number): void {
    this.#moments = [{ from: now, to: now, iterations: 0 }];
  }

  /** An iteration is complete. */
  add(now: number): void {
    const last = this.#moments.at(-1);
    const isSame = this.#moments.length > 1 && last && now - last.from < MOMENT_MS;
    if (isSame) {
      last.to = now;
      last.iterations++;
      return;
    }
    this.#moments.push({ from: now, to: now, iterations: 1 });
    const outdated = this.#moments.findIndex(({ to }) => now - to <= WINDOW_MS);
    const surplus = Math.min(outdated, this.#moments.length - 1 - MIN_MOMENTS);
    const drop = Math.max(surplus, this.#moments.length - 1 - MAX_MOMENTS, 0);
    if (drop > 0) this.#moments.splice(0, drop);
  }

  /** Milliseconds from one iteration's end to the next's; undefined before there is one. */
  get iterationMs(): number | undefined {
    const [first, ...later] = this.#moments;
    const iterations = later.reduce((sum, moment) => sum + moment.iterations, 0);
    const elapsed = (later.at(-1)?.to ?? 0) - (first?.to ?? 0);
    return iterations > 0 && elapsed >= MOMENT_MS ? elapsed / iterations : undefined;
  }
}
