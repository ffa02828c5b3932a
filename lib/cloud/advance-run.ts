import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { startFunction } from '../aws/functions.ts';
import { attachMetricsWriter } from '../observe/metrics.ts';
import { writeReport } from '../observe/report/write-report.ts';
import { attachSampleWriter } from '../observe/sample-writer.ts';
import { builtInPrograms } from '../program/built-in.ts';
import { systemClock } from '../run/clock.ts';
import { advance } from '../run/coordinator/coordinator.ts';
import { LeaseLostError, RunBusyError } from '../run/coordinator/lease.ts';
import { RunEventBus } from '../run/events.ts';
import { RunEndedError } from '../run/record/head.ts';
import { meterTime } from './billed-time.ts';
import { meterCost } from './cost.ts';
import { residentStarter } from './resident-starter.ts';
import { type CloudServices, JOBS } from './services.ts';
import { logRun, measureRun } from './telemetry.ts';
import { timeLimit } from './time-limit.ts';
import type { Trigger } from './trigger.ts';

/** Long enough for a slow request. After a crash the watchdog waits until it has passed. */
const LEASE_MS = 45_000;
/** How far watchers of a run are behind it. */
const METRICS_EVERY_MS = 3_000;
/** Unneeded objects are removed together, because one request per step would be too many. */
const REMOVED_AT_ONCE = 100;

/** An invocation of the coordinator function. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  readonly memoryMb: number;
  readonly remainingMs: () => number;
}

/** Start an invocation that advances a run. */
export async function startAdvancing(functionName: string, runId: string): Promise<void> {
  await startFunction(functionName, { action: 'advance', runId } satisfies Trigger);
}

/**
 * Advance a run until its end, or until this invocation's time runs out: then another one
 * continues.
 *
 * @throws what ended the run. The head says it too
 */
export async function advanceRun(
  { store, queues, env, programs }: CloudServices,
  { logger, metrics }: { logger: Logger; metrics: Metrics },
  { functionName, requestId, memoryMb, remainingMs }: Invocation,
  runId: string,
): Promise<void> {
  const events = new RunEventBus();
  logRun(events, logger);
  measureRun(events, metrics);
  const stored = attachMetricsWriter(events, store, runId, { everyMs: METRICS_EVERY_MS });
  attachSampleWriter(events, store, runId);
  const billed = meterTime(events);
  try {
    const status = await advance(
      {
        store,
        queues,
        jobs: queues.open(JOBS),
        programs,
        clock: systemClock,
        events,
        owner: `request ${requestId} of ${functionName}`,
        leaseMs: LEASE_MS,
        backend: env.LAMBDUEL_WORKER_BACKEND,
        compress: true,
        removedAtOnce: REMOVED_AT_ONCE,
        shouldStop: () => false,
        assertHealthy: () => {},
        residents: residentStarter(env),
        cost: meterCost(events, billed, {
          coordinatorMb: memoryMb,
          workerMb: env.LAMBDUEL_WORKER_MEMORY_MB,
        }),
        billed,
        handOver: {
          isDue: timeLimit(remainingMs),
          start: () => startAdvancing(functionName, runId),
        },
      },
      runId,
    );
    if (status !== 'running') await writeReport(store, runId, builtInPrograms());
  } catch (error) {
    if (isOthers(error)) {
      logger.info('Nothing to do here', { reason: error.message });
      return;
    }
    await stored.flush().catch(() => {}); // the error itself matters more
    throw error;
  }
}

/** Another coordinator has the run, or it has ended, for example because an event came twice. */
function isOthers(error: unknown): error is Error {
  return (
    error instanceof RunBusyError ||
    error instanceof LeaseLostError ||
    error instanceof RunEndedError
  );
}
