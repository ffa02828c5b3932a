import type { Logger } from '@aws-lambda-powertools/logger';
import type { Queue } from '../queue/queue.ts';
import { decodeSqsText } from '../queue/sqs-message.ts';
import type { WorkerContext } from '../run/worker/context.ts';
import { type JobServer, type RetryPolicy, serveDelivery } from '../run/worker/serve-delivery.ts';
import { type CloudServices, JOBS } from './services.ts';

/** In SQS a queue may be so new that it cannot be found yet. */
function retryPolicy(firstMs: number): RetryPolicy {
  return {
    delayMs: (attempt) => firstMs * 2 ** (attempt - 1),
    isOver: (attempt) => attempt > 1,
  };
}

/** A job as the event source delivers it. */
export interface JobDelivery {
  readonly body: string;
  readonly receipt: string;
  /** 1 at first. */
  readonly attempt: number;
}

/** What jobs of a queue are served with, in a function. */
export function jobServer(
  { queues, env }: Pick<CloudServices, 'queues' | 'env'>,
  logger: Logger,
  worker: () => Promise<WorkerContext>,
  jobs: Queue,
): JobServer {
  return {
    queues,
    jobs,
    worker,
    retry: retryPolicy(env.LAMBDUEL_JOB_RETRY_MS),
    onJob: (runId) => logger.appendKeys({ runId }),
    onOver: (replyTo) => logger.info('Nobody waits for this answer any more', { replyTo }),
    onFailed: (error, attempt) =>
      logger.error(`A job was not done at attempt ${attempt}`, error as Error),
  };
}

/**
 * Do the job of one delivery of the event source, which acknowledges it, and log what goes wrong.
 *
 * @throws why it could not be done or answered
 */
export async function serveJob(
  services: Pick<CloudServices, 'queues' | 'env'>,
  logger: Logger,
  worker: () => Promise<WorkerContext>,
  delivery: JobDelivery,
): Promise<void> {
  const server = jobServer(services, logger, worker, services.queues.open(JOBS));
  await serveDelivery(server, { ...delivery, body: decodeSqsText(delivery.body) });
}
