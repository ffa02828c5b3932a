import type { Logger } from '@aws-lambda-powertools/logger';
import { type Message, QueueNotFoundError } from '../queue/queue.ts';
import { decodeSqsBody } from '../queue/sqs-message.ts';
import { failureMessage, performJob, type WorkerContext } from '../run/worker/worker.ts';
import { parseJob } from '../wire/messages.ts';
import { type CloudServices, JOBS } from './services.ts';

/** A job as the event source delivers it. */
export interface JobDelivery {
  readonly body: string;
  readonly receipt: string;
  /** 1 at first. */
  readonly attempt: number;
}

/**
 * Do the job of one delivery and answer it; failing is an answer as well, so that the coordinator
 * knows the reason.
 *
 * @throws what kept it from being done or answered: it is given back to the queue, for this worker
 *   or another, and ends among the dead letters when all have failed
 */
export async function serveJob(
  { queues, env }: CloudServices,
  logger: Logger,
  worker: () => Promise<WorkerContext>,
  delivery: JobDelivery,
): Promise<void> {
  try {
    const job = parseJob(decodeSqsBody(delivery.body).body);
    logger.appendKeys({ runId: job.runId });
    const reply = await worker().then(
      (context) => performJob(context, job, delivery.attempt),
      (error: unknown) => failureMessage(job, error),
    );
    await answer({ queues }, logger, job.replyTo, reply, delivery.attempt);
  } catch (error) {
    const delay = env.LAMBDUEL_JOB_RETRY_MS * 2 ** (delivery.attempt - 1);
    logger.error(`A job was not done at attempt ${delivery.attempt}`, error as Error);
    await queues.open(JOBS).extend(delivery.receipt, delay);
    throw error;
  }
}

/** A queue that is not there may be so new that it is not known yet; then its run has ended. */
async function answer(
  { queues }: Pick<CloudServices, 'queues'>,
  logger: Logger,
  replyTo: string,
  reply: Message,
  attempt: number,
): Promise<void> {
  try {
    await queues.open(replyTo).send([reply]);
  } catch (error) {
    if (!(error instanceof QueueNotFoundError) || attempt === 1) throw error;
    logger.info('Nobody waits for this answer any more', { replyTo });
  }
}
