import { GradientComputer } from '../backend/gradient-computer.ts';
import { loadBackend } from '../backend/load.ts';
import { DatasetCache } from '../data/dataset.ts';
import { builtInPrograms } from '../program/registry.ts';
import { maxPayloadBytes } from '../queue/sqs-message.ts';
import { WeightsCache } from '../run/worker/weights-cache.ts';
import type { WorkerContext } from '../run/worker/worker.ts';
import type { CloudServices } from './services.ts';

/** What an answer has beside its payload, in a message. */
const ANSWER_BYTES = 4096;

/** What a worker function keeps warm from job to job. */
export async function createWorkerContext({ env, store }: CloudServices): Promise<WorkerContext> {
  const backend = await loadBackend(env.LAMBDUEL_WORKER_BACKEND, env.LAMBDUEL_WORKER_THREADS);
  return {
    store,
    backend,
    programs: builtInPrograms(),
    weights: new WeightsCache(store, backend),
    datasets: new DatasetCache(store),
    gradients: new GradientComputer(backend),
    maxInlineBytes: maxPayloadBytes(ANSWER_BYTES),
  };
}
