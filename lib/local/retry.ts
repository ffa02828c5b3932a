import type { RetryPolicy } from '../run/worker/serve-delivery.ts';

/** Another worker may understand a message that this one does not. */
const REFUSED_PAUSE_MS = 100;

/** On one machine a missing queue means that its run is over. */
export const localRetry: RetryPolicy = {
  delayMs: () => REFUSED_PAUSE_MS,
  isOver: () => true,
};
