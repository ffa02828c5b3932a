import { join } from 'node:path';
import type { Logger } from '@aws-lambda-powertools/logger';
import { loadBackend } from '../backend/load.ts';
import { loadBindingFrom } from '../packed/load-from.ts';
import { PACKED_FOLDER } from '../packed/manifest.ts';
import { unpackLibrary } from '../packed/unpack.ts';
import { maxPayloadBytes } from '../queue/sqs-message.ts';
import { createWorker, type WorkerContext } from '../run/worker/context.ts';
import { stopwatch } from '../run/worker/stopwatch.ts';
import type { FunctionEnvironment } from './environment.ts';
import type { CloudServices } from './services.ts';

/** Reserved in a message for the text of an answer. */
const ANSWER_BYTES = 4096;
/** Characters of a worker's id. */
const MAX_ID = 64;

/**
 * Begin to make a worker when the execution environment starts, not with the first job. How long
 * that took is logged.
 *
 * @returns gives the worker. If it could not start, the next call tries again
 */
export function keepWorkerWarm(
  services: CloudServices,
  logger: Logger,
): () => Promise<WorkerContext> {
  let worker = begin(services, logger);
  return async () => {
    try {
      return await worker;
    } catch (error) {
      worker = begin(services, logger);
      throw error;
    }
  };
}

function begin(services: CloudServices, logger: Logger): Promise<WorkerContext> {
  const worker = createWorkerContext(services, logger);
  worker.catch(() => {}); // the first job reports the error
  return worker;
}

/** What a worker function keeps warm from job to job. */
async function createWorkerContext(
  { env, store, programs }: CloudServices,
  logger: Logger,
): Promise<WorkerContext> {
  const clock = stopwatch();
  await prepareNative(env);
  const unpackMs = clock();
  const backend = await loadBackend(env.LAMBDUEL_WORKER_BACKEND, env.LAMBDUEL_WORKER_THREADS);
  logger.info('Worker started', { unpackMs, loadMs: clock() });
  const maxInlineBytes = maxPayloadBytes(ANSWER_BYTES);
  const id = executionEnvironment(env);
  return createWorker({ store, backend, programs, maxInlineBytes, id });
}

/** The id of this execution environment, by which its log can be found. */
function executionEnvironment(env: FunctionEnvironment): string | undefined {
  return env.AWS_LAMBDA_LOG_STREAM_NAME?.split(']').at(-1)?.slice(-MAX_ID) || undefined;
}

/** In a zip archive the native library is packed: it is unpacked before it is loaded. */
async function prepareNative(env: FunctionEnvironment): Promise<void> {
  const { LAMBDUEL_WORKER_BACKEND: backend, LAMBDUEL_WORKER_PACKAGING: packaging } = env;
  if (backend !== 'native' || packaging !== 'zip') return;
  const { folder } = await unpackLibrary(join(env.LAMBDA_TASK_ROOT, PACKED_FOLDER));
  loadBindingFrom(folder);
}
