import type { QueueService } from '../../queue/queue.ts';
import type { Store } from '../../store/store.ts';
import {
  type Head,
  leaseExpired,
  type ReadHead,
  RunNotFoundError,
  readHead,
} from '../record/head.ts';
import {
  allJobQueues,
  allRepliesQueues,
  parseJobQueue,
  parseRepliesQueue,
  repliesQueue,
} from '../record/keys.ts';

/** What a look at all runs has found. */
export interface Watch {
  /** Runs that a coordinator holds, or held when it died. */
  readonly inProgress: readonly string[];
  /** Those whose coordinator died, and was replaced. */
  readonly restarted: readonly string[];
  /** Queues of runs that a crash had left behind. */
  readonly removedQueues: readonly string[];
}

/**
 * Find the runs whose coordinator died, and start another for each. Remove what dead coordinators
 * left, which ends their resident workers. A coordinator makes its reply queue when it has its lease,
 * and removes it before it ends. So the queues name all runs to look at, however many runs have ended.
 *
 * @param restart starts a coordinator for a run
 */
export async function watchOver(
  store: Store,
  queues: QueueService,
  restart: (runId: string) => Promise<void>,
): Promise<Watch> {
  const inProgress = new Set<string>();
  const dead = new Set<string>();
  const removedQueues: string[] = [];
  const names = await queues.list(allRepliesQueues);
  for (const name of names) {
    const queue = parseRepliesQueue(name);
    if (!queue) continue;
    const { runId, epoch } = queue;
    const read = await readHeadIfThere(store, runId);
    // The queue of an earlier coordinator stays until the present one has made its own. If that one
    // dies before, nothing else names the run.
    const isReplaced = read && read.head.epoch > epoch && names.includes(queueOf(read.head));
    if (read?.head.status !== 'running' || isReplaced) {
      await queues.remove(name);
      removedQueues.push(name);
      continue;
    }
    inProgress.add(runId);
    // Without a lease, its coordinator has just handed it over and is about to remove its queue. It
    // may have died in between, so another coordinator is started in any case.
    if (read.head.lease === null || leaseExpired(read)) dead.add(runId);
  }
  removedQueues.push(...(await removeJobQueues(store, queues)));
  for (const runId of dead) await restart(runId);
  return { inProgress: [...inProgress], restarted: [...dead], removedQueues };
}

/** Remove the job queues that no coordinator sends to any more. @returns their names */
async function removeJobQueues(store: Store, queues: QueueService): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await queues.list(allJobQueues)) {
    const queue = parseJobQueue(name);
    if (!queue) continue;
    const read = await readHeadIfThere(store, queue.runId);
    if (read?.head.status === 'running' && read.head.epoch === queue.epoch) continue;
    await queues.remove(name);
    removed.push(name);
  }
  return removed;
}

function queueOf({ runId, epoch }: Head): string {
  return repliesQueue(runId, epoch);
}

async function readHeadIfThere(store: Store, runId: string): Promise<ReadHead | undefined> {
  try {
    return await readHead(store, runId);
  } catch (error) {
    if (error instanceof RunNotFoundError) return undefined;
    throw error;
  }
}
