import { loadBackend } from '../backend/load.ts';
import { maxPayloadBytes } from '../queue/sqs-message.ts';
import { createWorker, type WorkerContext } from '../run/worker/context.ts';
import type { CloudServices } from './services.ts';

/** Reserved in a message for the text of an answer. */
const ANSWER_BYTES = 4096;

/** What a worker function keeps warm from job to job. */
export async function createWorkerContext({
  env,
  store,
  programs,
}: CloudServices): Promise<WorkerContext> {
  const backend = await loadBackend(env.LAMBDUEL_WORKER_BACKEND, env.LAMBDUEL_WORKER_THREADS);
  const maxInlineBytes = maxPayloadBytes(ANSWER_BYTES);
  return createWorker({ store, backend, programs, maxInlineBytes });
}
