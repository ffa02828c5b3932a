import { systemClock } from '../run/clock.ts';
import type { RunEventBus } from '../run/events.ts';
import type { BilledTime } from '../run/record/head.ts';
import { POLL_MS } from '../run/worker/reside.ts';
import { workMs } from '../wire/messages.ts';

/** A worker's time for sending its answer, which the answer itself cannot say. */
const ANSWERING_MS = 50;

/**
 * Estimate how long a coordinator and its workers ran, which is what Lambda bills. Resident workers are
 * billed for all of their time, also when they wait. Starts of workers are not included, and neither
 * are jobs whose answers came too late.
 *
 * @returns a function that gives the milliseconds so far
 */
export function meterTime(bus: RunEventBus): () => BilledTime {
  const startedAt = systemClock.now();
  let workersMs = 0;
  let residents = 0;
  let residentsSince = 0;
  bus.on('residents', ({ size }) => {
    if (residents === 0) residentsSince = systemClock.now();
    residents = size;
  });
  bus.on('answered', ({ timing }) => {
    if (residents === 0) workersMs += workMs(timing) + ANSWERING_MS;
  });
  return () => {
    const now = systemClock.now();
    // Paid from the first to the last moment, which is the end of the last wait for a job.
    const residentsMs = residents * (now - residentsSince + POLL_MS);
    return { coordinatorMs: now - startedAt, workersMs, residentsMs };
  };
}
