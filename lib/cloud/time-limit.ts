/** Reserved for a coordinator's checkpoint, last sample grid and report. */
const RESERVE_MS = 60_000;
/** The largest share of the whole time that is reserved, for short time limits. */
const RESERVE_SHARE = 0.4;

/**
 * Whether a function's time is running out, so that a coordinator has to hand its run over. Called
 * after each iteration. It also reserves the time of the slowest iteration so far.
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
