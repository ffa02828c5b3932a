import type { QueueService } from '../queue/queue.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from './clock.ts';
import { changeHead } from './record/runs.ts';
import { createRepliesQueue } from './replies-queue.ts';

/**
 * Say of a run that has failed or stopped that it goes on, and make the queue of its next coordinator.
 * By both the watchdog finds the run, if that coordinator dies before it has done anything. May be called
 * again, where it has failed. A run that a coordinator holds is left alone.
 *
 * @throws RunEndedError when there is nothing to continue
 */
export async function reopenRun(
  store: Store,
  queues: QueueService,
  runId: string,
  clock: Clock,
): Promise<void> {
  const { lease, epoch } = await changeHead(
    store,
    runId,
    ({ status }) =>
      status === 'running' ? undefined : { status: 'running', error: null, reason: null },
    clock,
  );
  if (lease === null) await createRepliesQueue(queues, runId, epoch + 1);
}
