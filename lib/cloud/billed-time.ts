import { systemClock } from '../run/clock.ts';
import type { RunEventBus } from '../run/events.ts';
import type { BilledTime } from '../run/record/head.ts';
import { workMs } from '../wire/messages.ts';
import { ANSWERING_MS } from './cost.ts';

/**
 * Estimate how long a coordinator and its workers ran, which is what Lambda bills. A worker's start
 * is not included, and neither are jobs that nobody waited for.
 *
 * @returns a function that gives the milliseconds so far
 */
export function meterTime(bus: RunEventBus): () => BilledTime {
  const startedAt = systemClock.now();
  let workersMs = 0;
  bus.on('answered', ({ timing }) => {
    workersMs += workMs(timing) + ANSWERING_MS;
  });
  return () => ({ coordinatorMs: systemClock.now() - startedAt, workersMs });
}
