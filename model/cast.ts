import { localRetry } from '../lib/local/retry.ts';
import type { QueueService } from '../lib/queue/queue.ts';
import type { Clock } from '../lib/run/clock.ts';
import { advance } from '../lib/run/coordinator/coordinator.ts';
import type { ResidentStarter, ResidentTask } from '../lib/run/coordinator/resident-fleet.ts';
import { watchOver } from '../lib/run/coordinator/watch-over.ts';
import { RunEventBus } from '../lib/run/events.ts';
import type { RunStatus } from '../lib/run/record/head.ts';
import { reopenRun } from '../lib/run/reopen.ts';
import { createWorker } from '../lib/run/worker/context.ts';
import { reside } from '../lib/run/worker/reside.ts';
import { type JobServer, serveAndAcknowledge } from '../lib/run/worker/serve-delivery.ts';
import type { Store } from '../lib/store/store.ts';
import { duelArithmetic, duelPrograms } from './duel-program.ts';
import { JOBS } from './job-rules.ts';

const LEASE_MS = 10_000;
const WATCH_EVERY_MS = 60_000;
const IDLE_MS = 600_000;
const OVERLAP_MS = 10_000;

/** What an actor has of the world. */
export interface Ports {
  readonly name: string;
  readonly store: Store;
  readonly queues: QueueService;
  readonly clock: Clock;
}

/** How an actor leaves its work to others. */
export interface Leaving {
  readonly isDue: () => boolean;
  readonly start: () => Promise<void>;
}

/** A coordinator: the real one. */
export function coordinate(
  ports: Ports,
  runId: string,
  handOver: Leaving,
  residents: ResidentStarter,
): Promise<RunStatus> {
  const { name, store, queues, clock } = ports;
  return advance(
    {
      store,
      queues,
      clock,
      handOver,
      residents,
      jobs: queues.open(JOBS),
      programs: duelPrograms,
      events: new RunEventBus(),
      owner: name,
      leaseMs: LEASE_MS,
      assertHealthy: () => {},
      shouldStop: () => false,
    },
    runId,
  );
}

/**
 * A worker: the real one, but for its arithmetic.
 *
 * @param inline whether gradients travel in messages
 */
export async function work(ports: Ports, inline: boolean): Promise<never> {
  const server = serverOf(ports, inline, JOBS);
  for (;;) {
    for (const delivery of await server.jobs.receive({ max: 1, waitMs: IDLE_MS })) {
      await serveAndAcknowledge(server, delivery);
    }
  }
}

/** A worker of one coordinator's own. */
export async function stay(
  ports: Ports,
  inline: boolean,
  { queue, worker: name }: ResidentTask,
  { isDue, start }: Leaving,
): Promise<void> {
  const server = serverOf(ports, inline, queue, { name });
  const startSuccessor = () => start().then(() => true);
  await reside({ server, clock: ports.clock, isDue, overlapMs: OVERLAP_MS, startSuccessor });
}

function serverOf(
  { store, queues }: Ports,
  inline: boolean,
  queue: string,
  as: { name?: string } = {},
): JobServer {
  const backend = { name: 'wasm', version: 'none', tf: duelArithmetic } as const;
  const maxInlineBytes = inline ? Number.POSITIVE_INFINITY : 0;
  const made = createWorker({ store, backend, programs: duelPrograms, maxInlineBytes });
  const worker = async () => ({ ...made, ...as });
  return { queues, worker, jobs: queues.open(queue), retry: localRetry };
}

/** The watchdog: looks at all runs each minute. */
export async function watch(ports: Ports, restart: () => Promise<void>): Promise<never> {
  for (;;) {
    await ports.clock.sleep(WATCH_EVERY_MS);
    await watchOver(ports.store, ports.queues, restart);
  }
}

/** Whoever sees that a run has failed, and goes on with it: again, where that ends in an error. */
export async function resume(
  { store, queues, clock }: Ports,
  runId: string,
  start: () => Promise<void>,
): Promise<void> {
  const again = () => reopenRun(store, queues, runId, clock);
  await again().catch(again);
  await start();
}
