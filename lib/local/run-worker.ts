import { loadBackend } from '../backend/load.ts';
import { messageOf } from '../errors.ts';
import { IpcQueueService } from '../queue/ipc.ts';
import { programsIn } from '../run/programs/program-library.ts';
import { createWorker } from '../run/worker/context.ts';
import { serveAndAcknowledge } from '../run/worker/serve-delivery.ts';
import { DiskStore } from '../store/disk.ts';
import type { Store } from '../store/store.ts';
import { localRetry } from './retry.ts';
import { type WorkerReport, workerSettingsSchema } from './worker-settings.ts';

/**
 * Larger answers go through the store. Beside two other processes a megabyte takes 1.5 ms by file.
 * By the channel it took up to 14 ms, and left three times the garbage.
 */
const MAX_INLINE_BYTES = 64 * 1024;

/**
 * Be a worker of the local mode: a process that takes jobs from the coordinator's queue, one at a
 * time, until the channel to the coordinator closes.
 *
 * @param use replaces the store: for tests, which let it fail
 */
export async function runWorker(use = (store: DiskStore): Store => store): Promise<void> {
  try {
    await work(use);
  } catch (error) {
    report({ worker: 'failed', message: messageOf(error) });
    process.exit(1);
  }
}

async function work(use: (store: DiskStore) => Store): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {}); // Ctrl-C reaches all processes; the coordinator decides
  const settings = workerSettingsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const store = use(await DiskStore.open(settings.store));
  const backend = await loadBackend(settings.backend, settings.threads);
  const queues = new IpcQueueService(process);
  const programs = programsIn(store);
  const context = createWorker({ store, backend, programs, maxInlineBytes: MAX_INLINE_BYTES });
  report({ worker: 'ready' });
  const jobs = queues.open(settings.jobs);
  const server = { queues, jobs, retry: localRetry, worker: async () => context };
  for (;;) {
    const received = jobs.receive({ max: 1, waitMs: 60_000 });
    await context.inputs.prepare(); // while the coordinator sums
    for (const delivery of await received) await serveAndAcknowledge(server, delivery);
  }
}

function report(message: WorkerReport): void {
  process.send?.(message);
}
