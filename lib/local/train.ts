import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { LocalQueueService } from '../queue/local.ts';
import { systemClock } from '../run/clock.ts';
import { advance } from '../run/coordinator/coordinator.ts';
import { longestFirstLimitMs } from '../run/coordinator/job-sender.ts';
import type { RunEventBus } from '../run/events.ts';
import { programsIn } from '../run/programs/program-library.ts';
import type { RunStatus } from '../run/record/head.ts';
import { readConfig } from '../run/record/runs.ts';
import type { DiskStore } from '../store/disk.ts';
import { WorkerFleet } from './fleet.ts';

const JOBS = 'jobs';
/** A job is delivered again after this many times its limit, or at once if its worker died. */
const LIMITS_OF_VISIBILITY = 2;
const MAX_DELIVERIES = 5;
/** Short, so that a run whose coordinator was killed can soon be resumed. */
const DEFAULT_LEASE_MS = 6_000;

/** How a run is advanced on this machine. */
export interface LocalOptions {
  readonly workers: number;
  /** Milliseconds that the lease outlasts the coordinator's last sign of life. Default: 6000. */
  readonly leaseMs?: number;
  readonly events: RunEventBus;
  readonly shouldStop: () => boolean;
  readonly onWorkers?: (ready: number) => void;
  readonly onWait?: (owner: string, ms: number) => void;
}

/** Advance a run with a coordinator in this process and workers in processes of their own. */
export async function advanceLocally(
  store: DiskStore,
  runId: string,
  options: LocalOptions,
): Promise<RunStatus> {
  const config = await readConfig(store, runId);
  const queues = new LocalQueueService();
  const jobs = await queues.create(JOBS, {
    visibilityMs: LIMITS_OF_VISIBILITY * longestFirstLimitMs(config),
    maxDeliveries: MAX_DELIVERIES,
  });
  const { backend, threads } = config;
  const settings = { store: store.root, backend, threads, jobs: JOBS };
  const fleet = new WorkerFleet(options.workers, queues, settings, options.onWorkers);
  options.events.on('iteration', () => fleet.noteProgress());
  try {
    return await advance(
      {
        store,
        queues,
        jobs,
        programs: programsIn(store),
        clock: systemClock,
        events: options.events,
        owner: `process ${process.pid} on ${hostname()} (${randomBytes(4).toString('hex')})`,
        leaseMs: options.leaseMs ?? DEFAULT_LEASE_MS,
        shouldStop: options.shouldStop,
        assertHealthy: () => fleet.assertHealthy(),
        ...(options.onWait ? { onWait: options.onWait } : {}),
      },
      runId,
    );
  } finally {
    await fleet.close();
    await store.tidy();
    await queues.remove(JOBS); // ends the waiting of workers that are gone
  }
}
