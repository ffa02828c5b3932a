import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Queue, QueueService } from '../queue/queue.ts';
import { performJob, type WorkerContext } from '../run/worker/worker.ts';
import { type Job, parseJob } from '../wire/messages.ts';

/** A message that is no job may be another worker's: time for it to be taken up elsewhere. */
const REFUSED_PAUSE_MS = 100;

/**
 * Do the job of one delivery and answer it. The answer is sent before the job is acknowledged: a
 * worker that dies in between does it twice.
 */
export async function serveDelivery(
  context: WorkerContext,
  queues: QueueService,
  jobs: Queue,
  delivery: Delivery,
): Promise<void> {
  let job: Job;
  try {
    job = parseJob(delivery.body);
  } catch {
    await sleep(REFUSED_PAUSE_MS);
    await jobs.extend(delivery.receipt, 0); // back to the queue, which drops it after some tries
    return;
  }
  const reply = await performJob(context, job, delivery.attempt);
  // A run that has ended has no queue any more, and no interest.
  await queues
    .open(job.replyTo)
    .send([reply])
    .catch(() => {});
  await jobs.acknowledge([delivery.receipt]);
}
