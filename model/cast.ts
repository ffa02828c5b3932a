import { GradientComputer } from '../lib/backend/gradient-computer.ts';
import { DatasetCache } from '../lib/data/dataset.ts';
import { serveDelivery } from '../lib/local/serve-delivery.ts';
import type { QueueService } from '../lib/queue/queue.ts';
import type { Clock } from '../lib/run/clock.ts';
import { advance } from '../lib/run/coordinator/coordinator.ts';
import { watchOver } from '../lib/run/coordinator/watch-over.ts';
import { RunEventBus } from '../lib/run/events.ts';
import type { RunStatus } from '../lib/run/record/head.ts';
import { WeightsCache } from '../lib/run/worker/weights-cache.ts';
import type { Store } from '../lib/store/store.ts';
import { duelArithmetic, duelPrograms } from './duel-program.ts';
import { JOBS } from './job-rules.ts';

const LEASE_MS = 10_000;
const WATCH_EVERY_MS = 60_000;
const IDLE_MS = 600_000;

/** What an actor has of the world. */
export interface Ports {
  readonly name: string;
  readonly store: Store;
  readonly queues: QueueService;
  readonly clock: Clock;
}

/** How a coordinator leaves its run to others. */
export interface Leaving {
  readonly isDue: () => boolean;
  readonly start: () => Promise<void>;
}

/** A coordinator: the real one. */
export function coordinate(ports: Ports, runId: string, handOver: Leaving): Promise<RunStatus> {
  const { name, store, queues, clock } = ports;
  return advance(
    {
      store,
      queues,
      clock,
      handOver,
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
export async function work({ store, queues }: Ports, inline: boolean): Promise<never> {
  const backend = { name: 'wasm', version: 'none', tf: duelArithmetic } as const;
  const context = {
    store,
    backend,
    programs: duelPrograms,
    weights: new WeightsCache(store, backend),
    datasets: new DatasetCache(store),
    gradients: new GradientComputer(backend),
    maxInlineBytes: inline ? Number.POSITIVE_INFINITY : 0,
  };
  const jobs = queues.open(JOBS);
  for (;;) {
    for (const delivery of await jobs.receive({ max: 1, waitMs: IDLE_MS })) {
      await serveDelivery(context, queues, jobs, delivery);
    }
  }
}

/** The watchdog: looks at all runs each minute. */
export async function watch(ports: Ports, restart: () => Promise<void>): Promise<never> {
  for (;;) {
    await ports.clock.sleep(WATCH_EVERY_MS);
    await watchOver(ports.store, ports.queues, restart);
  }
}
