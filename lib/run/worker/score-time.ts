import { LambduelError } from '../../errors.ts';

/** Reserved for the scores themselves and the answer, in milliseconds. */
const RESERVE_MS = 5000;
/** Steps before the time of a step is known. The first ones take longer. */
const FIRST_STEPS = 20;

/** A dataset's classifier takes longer to train than its worker has. */
export class ScoreTooLongError extends LambduelError {}

/**
 * Ends the training of a classifier early, and says what to change, if it cannot be done in time.
 *
 * @param remainingMs the milliseconds that the worker still has; undefined: its time is not limited
 * @returns what to call after each step with the steps that are left. It throws ScoreTooLongError
 */
export function scoreTime(remainingMs?: () => number): (left: number) => void {
  if (!remainingMs) return () => {};
  let steps = 0;
  let knownAt = remainingMs();
  return (left) => {
    steps++;
    const remaining = remainingMs();
    if (steps === FIRST_STEPS) knownAt = remaining;
    if (steps <= FIRST_STEPS) return;
    const each = (knownAt - remaining) / (steps - FIRST_STEPS);
    const rest = left * each + RESERVE_MS;
    if (left === 0 || rest <= remaining) return;
    const seconds = (ms: number) => `${Math.ceil(ms / 1000)} s`;
    throw new ScoreTooLongError(
      `The dataset's classifier, which scores need, takes ${seconds(rest)} more to train, and its worker has ${seconds(remaining)}`,
      {
        hint: 'Leave --score-every out, or deploy with more time (-c workerTimeout=900) or memory.',
      },
    );
  };
}
