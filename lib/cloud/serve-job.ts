import type { Logger } from '@aws-lambda-powertools/logger';
import { decodeSqsBody } from '../queue/sqs-message.ts';
import type { WorkerContext } from '../run/worker/context.ts';
import { type RetryPolicy, serveDelivery } from '../run/worker/serve-delivery.ts';
import { type CloudServices, JOBS } from './services.ts';

/** A job that could not be done comes again after so long, twice as long each time. */
const FIRST_RETRY_MS = 1000;

/** In SQS a queue that is not there may be so new that it is not known yet. */
const RETRY: RetryPolicy = {
  delayMs: (attempt) => FIRST_RETRY_MS * 2 ** (attempt - 1),
  isOver: (attempt) => attempt > 1,
};

/** A job as the event source delivers it. */
export interface JobDelivery {
  readonly body: string;
  readonly receipt: string;
  /** 1 at first. */
  readonly attempt: number;
}

/**
 * Do the job of one delivery of the event source, which acknowledges it, and log what goes wrong.
 *
 * @throws what kept it from being done or answered
 */
export async function serveJob(
  { queues }: Pick<CloudServices, 'queues'>,
  logger: Logger,
  worker: () => Promise<WorkerContext>,
  delivery: JobDelivery,
): Promise<void> {
  const { attempt } = delivery;
  const server = {
    queues,
    jobs: queues.open(JOBS),
    retry: RETRY,
    worker,
    onJob: (runId: string) => logger.appendKeys({ runId }),
    onOver: (replyTo: string) => logger.info('Nobody waits for this answer any more', { replyTo }),
  };
  try {
    await serveDelivery(server, { ...delivery, ...decodeSqsBody(delivery.body) });
  } catch (error) {
    logger.error(`A job was not done at attempt ${attempt}`, error as Error);
    throw error;
  }
}
