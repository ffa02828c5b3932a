import { LambduelError } from '../../errors.ts';
import type { LocalJob } from '../../wire/messages.ts';

/** Reserved for the worker's answer, in milliseconds. */
const RESERVE_MS = 2000;

/** A lane takes longer than its worker has. Every worker would be killed in the middle of it. */
export class LaneTooLongError extends LambduelError {}

/**
 * End a lane's job early, and say what to change, if the rest of it cannot be done in time.
 *
 * @param left iterations that are left
 * @param eachMs milliseconds that the last iteration took
 * @param remainingMs the milliseconds that the worker still has; undefined: its time is not limited
 * @throws LaneTooLongError
 */
export function requireTime(
  { iterations, lane }: LocalJob,
  left: number,
  eachMs: number,
  remainingMs?: () => number,
): void {
  if (!remainingMs || left === 0) return;
  const rest = left * eachMs + RESERVE_MS;
  const remaining = remainingMs();
  if (rest <= remaining) return;
  const seconds = (ms: number) => `${Math.ceil(ms / 1000)} s`;
  throw new LaneTooLongError(
    `Lane ${lane} needs ${seconds(rest)} more for ${left} of its ${iterations} iterations, and its worker has ${seconds(remaining)}`,
    {
      hint: 'Ask for fewer local iterations (--local-iterations), or deploy with more time (-c workerTimeout=900) or memory.',
    },
  );
}
