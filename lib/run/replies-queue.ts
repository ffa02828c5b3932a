import type { Queue, QueueService } from '../queue/queue.ts';
import { repliesQueue } from './record/keys.ts';

const VISIBILITY_MS = 30_000;

/** Make the queue of a coordinator's answers. It may be there already. */
export function createRepliesQueue(
  queues: QueueService,
  runId: string,
  epoch: number,
): Promise<Queue> {
  return queues.create(repliesQueue(runId, epoch), { visibilityMs: VISIBILITY_MS });
}
