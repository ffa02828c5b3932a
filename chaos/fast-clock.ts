import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../lib/run/clock.ts';

/**
 * A clock that runs faster than time does, so that nobody has to wait for long, and that may be
 * wrong, by a time that is given. Objects' ages have to be multiplied by the same speed.
 */
export function fastClock(speed: number, wrongMs: number): Clock {
  return {
    now: () => performance.now() * speed + Math.max(0, wrongMs),
    date: () => new Date(Date.now() + wrongMs),
    sleep: async (ms) => {
      await sleep(ms / speed);
    },
  };
}
