import { localRetry } from '../lib/local/retry.ts';
import type { QueueService } from '../lib/queue/queue.ts';
import type { Clock } from '../lib/run/clock.ts';
import { advance } from '../lib/run/coordinator/coordinator.ts';
import { watchOver } from '../lib/run/coordinator/watch-over.ts';
import { RunEventBus } from '../lib/run/events.ts';
import type { RunStatus } from '../lib/run/record/head.ts';
import { createWorker } from '../lib/run/worker/context.ts';
import { serveAndAcknowledge } from '../lib/run/worker/serve-delivery.ts';
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
  const maxInlineBytes = inline ? Number.POSITIVE_INFINITY : 0;
  const context = createWorker({ store, backend, programs: duelPrograms, maxInlineBytes });
  const jobs = queues.open(JOBS);
  const server = { queues, jobs, retry: localRetry, worker: async () => context };
  for (;;) {
    for (const delivery of await jobs.receive({ max: 1, waitMs: IDLE_MS })) {
      await serveAndAcknowledge(server, delivery);
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
