import { setTimeout as sleep } from 'node:timers/promises';

/** The coordinator's own time. It is never compared with the time of another machine. */
export interface Clock {
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  /** The time of day, for people to read. */
  date(): Date;
  sleep(ms: number): Promise<void>;
}

/** This machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: async (ms) => {
    await sleep(ms);
  },
};
