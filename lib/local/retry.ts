import type { RetryPolicy } from '../run/worker/serve-delivery.ts';

/** A message that is no job may be another worker's: time for it to be taken up elsewhere. */
const REFUSED_PAUSE_MS = 100;

/** On one machine a queue that is not there is gone: its run is over. */
export const localRetry: RetryPolicy = {
  delayMs: () => REFUSED_PAUSE_MS,
  isOver: () => true,
};
