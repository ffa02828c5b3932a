/** Kept back of a coordinator's time for its checkpoint, its last sample grid and its report. */
const RESERVE_MS = 60_000;
/** The most of the whole time that is kept back, for time limits that are short. */
const RESERVE_SHARE = 0.4;

/**
 * Whether a function's time is running out, so that a coordinator has to hand its run over. Asked
 * after each iteration, it also keeps back as much as the slowest iteration so far took.
 *
 * @param remainingMs the milliseconds that the function still has, as the Lambda runtime tells
 */
export function timeLimit(remainingMs: () => number): () => boolean {
  const reserve = Math.min(RESERVE_MS, RESERVE_SHARE * remainingMs());
  let before = remainingMs();
  let slowest = 0;
  return () => {
    const now = remainingMs();
    slowest = Math.max(slowest, before - now);
    before = now;
    return now < reserve + slowest;
  };
}
