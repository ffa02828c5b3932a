import type { Clock } from '../lib/run/clock.ts';
import type { Actor } from './actor.ts';
import type { Scheduler } from './scheduler.ts';

const BEGINNING = Date.UTC(2026, 0, 1);

/** An actor's own clock. */
export function simulatedClock(scheduler: Scheduler, actor: Actor): Clock {
  return {
    now: () => scheduler.now + actor.clockOffset,
    date: () => new Date(BEGINNING + scheduler.now + actor.clockOffset),
    sleep: (ms) => {
      const due = scheduler.now + ms;
      const ready = () => scheduler.now >= due;
      return scheduler.perform(actor, {
        label: `sleep ${ms} ms`,
        effect: () => {},
        ready,
        due: () => due,
      });
    },
  };
}
