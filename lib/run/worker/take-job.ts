import type { Success } from '../../wire/messages.ts';
import { systemClock } from '../clock.ts';
import { stopwatch } from './stopwatch.ts';

/** When a job was taken, and how long ago that is. */
export type Taken = Pick<NonNullable<Success['trace']>, 'takenAt' | 'startMs'>;

/**
 * Note that a worker takes a job now.
 *
 * @returns to be called when it begins: when it took the job, and how long it needed until then
 */
export function takeJob(): () => Taken {
  const takenAt = systemClock.date().getTime();
  const clock = stopwatch();
  return () => ({ takenAt, startMs: clock() });
}
