import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../lib/errors.ts';
import { WorkerFleet } from '../lib/local/fleet.ts';
import { attachMetricsWriter } from '../lib/observe/metrics.ts';
import { attachSampleWriter } from '../lib/observe/sample-writer.ts';
import { LocalQueueService } from '../lib/queue/local.ts';
import { advance } from '../lib/run/coordinator/coordinator.ts';
import { RunEventBus } from '../lib/run/events.ts';
import { programsIn } from '../lib/run/programs/program-library.ts';
import { readConfig } from '../lib/run/record/runs.ts';
import { DiskStore } from '../lib/store/disk.ts';
import type { CoordinatorReport, CoordinatorSettings, Hold } from './coordinator-settings.ts';
import { CoordinatorStore } from './coordinator-store.ts';
import { fastClock } from './fast-clock.ts';
import { FaultSource } from './fault-source.ts';
import { FaultyQueues } from './faulty-queues.ts';
import { poisonerOf } from './replies.ts';

const JOBS = 'jobs';
const MAX_DELIVERIES = 5;
/** Both on the coordinator's own clock, which is faster. */
const LEASE_MS = 50_000;
const JOB_VISIBILITY_MS = 30_000;
/** As on AWS. A first score trains a classifier; on a busy machine that must not look like a death. */
const SCORE_VISIBILITY_MS = 300_000;
const HOLD_MS = 300;
const METRICS_EVERY_MS = 500;

const settings = JSON.parse(process.argv[2] ?? '') as CoordinatorSettings;

/** A coordinator of the local mode as `advanceLocally` is, but for what the plan does to it. */
async function main(): Promise<void> {
  const { runId, chaos, speed, wrongMs } = settings;
  process.on('disconnect', () => process.exit(1)); // the harness is gone
  process.env.LAMBDUEL_CHAOS = chaos; // for the workers
  const disk = await DiskStore.open(settings.store);
  const faults = new FaultSource(chaos);
  const store = new CoordinatorStore(disk, faults, speed);
  const memory = new LocalQueueService();
  const queues = new FaultyQueues(memory, faults, poisonerOf(disk));
  const dead: string[] = [];
  const { backend, threads, scoreEvery } = await readConfig(disk, runId);
  await memory.create(JOBS, {
    visibilityMs: (scoreEvery > 0 ? SCORE_VISIBILITY_MS : JOB_VISIBILITY_MS) / speed,
    maxDeliveries: MAX_DELIVERIES,
    onDropped: ({ body }) => dead.push(body),
  });
  const jobs = queues.open(JOBS);
  const events = new RunEventBus();
  attachMetricsWriter(events, store, runId, { everyMs: METRICS_EVERY_MS });
  attachSampleWriter(events, store, runId);

  let fleet: WorkerFleet | undefined;
  const startFleet = () => {
    const workers = { store: settings.store, backend, threads, jobs: JOBS };
    const script = { path: settings.worker, execArgv: [] };
    fleet ??= new WorkerFleet(settings.workers, queues, workers, tellWorkers, script);
  };
  const tellWorkers = () => tell({ tell: 'workers', pids: fleet?.pids ?? [] });
  if (settings.eager) startFleet();
  listen(events, faults, startFleet, () => fleet?.noteProgress());
  try {
    const status = await advance(
      {
        store,
        queues,
        jobs,
        programs: programsIn(disk),
        clock: fastClock(speed, wrongMs),
        events,
        owner: `process ${process.pid} at ${Date.now()}`,
        leaseMs: LEASE_MS,
        shouldStop: () => false,
        assertHealthy: () => fleet?.assertHealthy(),
      },
      runId,
    );
    tell({ tell: 'ended', status });
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    tell({ tell: 'failed', name, message: messageOf(error) });
  } finally {
    await fleet?.close();
    await queues.remove(JOBS);
    tell({ tell: 'closed', queues: await queues.list(''), dead });
  }
  process.removeAllListeners('disconnect');
  process.disconnect(); // after what has been told
}

function listen(
  events: RunEventBus,
  faults: FaultSource,
  startFleet: () => void,
  noteProgress: () => void,
): void {
  let held = false;
  process.on('message', ({ hold }: Hold) => {
    held = hold;
  });
  events.on('started', ({ iteration, epoch }) => {
    faults.iteration = iteration;
    tell({ tell: 'started', iteration, epoch });
    startFleet();
  });
  events.on('iteration', async ({ iteration }) => {
    faults.iteration = iteration + 1;
    noteProgress();
    tell({ tell: 'iteration', iteration: iteration + 1 });
    if (held) await sleep(HOLD_MS);
  });
  events.on('resent', ({ reason }) => tell({ tell: 'resent', reason }));
  events.on('dropped', ({ reason }) => tell({ tell: 'dropped', reason }));
}

function tell(report: CoordinatorReport): void {
  if (process.connected) process.send?.(report);
}

await main();
