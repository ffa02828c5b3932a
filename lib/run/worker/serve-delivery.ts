import {
  type Delivery,
  type Queue,
  QueueNotFoundError,
  type QueueService,
} from '../../queue/queue.ts';
import { parseJob } from '../../wire/messages.ts';
import { failureMessage } from './answer.ts';
import type { WorkerContext } from './context.ts';
import { takeJob } from './take-job.ts';
import { performJob } from './worker.ts';

/** How a worker treats deliveries that it cannot serve. */
export interface RetryPolicy {
  /** Milliseconds that a delivery is hidden for before another worker may have it. */
  delayMs(attempt: number): number;
  /** Whether a missing reply queue means that its run is over. It may also be too new. */
  isOver(attempt: number): boolean;
}

/** What deliveries of jobs are served with. */
export interface JobServer {
  readonly queues: QueueService;
  readonly jobs: Queue;
  readonly retry: RetryPolicy;
  /** Called for each job. An error that it throws is answered as a failure. */
  readonly worker: () => Promise<WorkerContext>;
  /** Called with a run's id before its job is done. */
  readonly onJob?: (runId: string) => void;
  /** Called when nobody waits for an answer any more. */
  readonly onOver?: (replyTo: string) => void;
  /** Called when a job could not be done or answered. */
  readonly onFailed?: (error: unknown, attempt: number) => void;
}

/**
 * Do the job of one delivery and answer it. A failure is an answer too, so that the coordinator
 * knows the reason. The caller acknowledges the delivery afterwards: if the worker dies in between,
 * the job is done twice.
 *
 * @throws why the job could not be done or answered. It has been given back to the queue, for this
 *   worker or another. When all tries have failed, it ends among the dead letters
 */
export async function serveDelivery(server: JobServer, delivery: Delivery): Promise<void> {
  const { jobs, retry, worker, onJob } = server;
  const { attempt } = delivery;
  const taken = takeJob(); // before the worker is ready
  try {
    const job = parseJob(delivery.body);
    onJob?.(job.runId);
    const reply = await worker().then(
      (context) => performJob(context, job, attempt, taken),
      (error: unknown) => failureMessage(job, error),
    );
    await server.queues
      .open(job.replyTo)
      .send([reply])
      .catch((error: unknown) => {
        if (!(error instanceof QueueNotFoundError) || !retry.isOver(attempt)) throw error;
        server.onOver?.(job.replyTo);
      });
  } catch (error) {
    server.onFailed?.(error, attempt);
    await jobs.extend(delivery.receipt, retry.delayMs(attempt));
    throw error;
  }
}

/** Serve a delivery where no event source acknowledges it: only after its answer was sent. */
export async function serveAndAcknowledge(server: JobServer, delivery: Delivery): Promise<void> {
  try {
    await serveDelivery(server, delivery);
  } catch {
    return; // it has been given back
  }
  await server.jobs.acknowledge([delivery.receipt]);
}
