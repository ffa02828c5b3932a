import { LambduelError, messageOf } from '../../errors.ts';
import type { ProgramRegistry } from '../../program/registry.ts';
import type { Queue, QueueService } from '../../queue/queue.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import type { RunEventBus } from '../events.ts';
import type { BackendName, RunConfig } from '../record/config.ts';
import type { RunStatus } from '../record/head.ts';
import { repliesQueue } from '../record/keys.ts';
import { readConfig } from '../record/runs.ts';
import { Lease, LeaseLostError } from './lease.ts';
import { WeightsPublisher } from './publisher.ts';
import { removeTransient } from './remove-transient.ts';
import { TrainingLoop } from './training-loop.ts';

/** Replies that a coordinator has not acknowledged come again after this long. */
const REPLY_VISIBILITY_MS = 30_000;

/** What a coordinator works with. */
export interface CoordinatorContext {
  readonly store: Store;
  readonly queues: QueueService;
  readonly jobs: Queue;
  readonly programs: ProgramRegistry;
  readonly clock: Clock;
  readonly events: RunEventBus;
  /** Names this coordinator; no two are ever named the same. */
  readonly owner: string;
  readonly leaseMs: number;
  /** See `LeaseOptions.onWait`. */
  readonly onWait?: (owner: string, ms: number) => void;
  /** Throws when the workers cannot work any more; asked often while waiting for them. */
  readonly assertHealthy: () => void;
  /** Asked after each iteration: true to stop at a checkpoint, and let the run be resumed. */
  readonly shouldStop: () => boolean;
  /** What the workers compute with, where all of them do alike: a run of another backend is refused. */
  readonly backend?: BackendName;
  /** For a coordinator whose own time is limited. */
  readonly handOver?: HandOver;
  /** US dollars that this coordinator and its workers have cost so far, where they cost any. */
  readonly cost?: () => number;
  /** Objects of no more use that are removed together. Default: each as soon as there is time. */
  readonly removedAtOnce?: number;
}

/** How a coordinator leaves a run to the next one, at a checkpoint. */
export interface HandOver {
  /** Asked after each iteration: whether it is time. */
  isDue(): boolean;
  /** Start the next coordinator. Called before the lease is given up, for which that one waits. */
  start(): Promise<void>;
}

/**
 * Advance a run until it is finished, stopped or cancelled: take its lease, go on from its last
 * checkpoint, and for each step publish, dispatch, collect and apply. Any number of coordinators may
 * try; one at a time gets on.
 *
 * @returns what the run has come to; `running`: it has been handed over
 * @throws what ended it: the head then says `failed`, and why, unless the lease was lost
 */
export async function advance(context: CoordinatorContext, runId: string): Promise<RunStatus> {
  const config = await readConfig(context.store, runId);
  const lease = await Lease.take(context.store, runId, {
    owner: context.owner,
    durationMs: context.leaseMs,
    clock: context.clock,
    ...(context.onWait ? { onWait: context.onWait } : {}),
  });
  const queue = repliesQueue(runId, lease.epoch);
  const { store, removedAtOnce = 1 } = context;
  const publisher = new WeightsPublisher(store, runId, lease.epoch, removedAtOnce);
  let over = false;
  try {
    checkBackend(config, context.backend);
    const replies = await context.queues.create(queue, { visibilityMs: REPLY_VISIBILITY_MS });
    await context.queues.remove(repliesQueue(runId, lease.epoch - 1));
    const status = await new TrainingLoop(context, config, lease, publisher, replies).run();
    over = status !== 'running';
    return status;
  } catch (error) {
    const problem =
      error instanceof LeaseLostError ? error : await markFailed(lease, publisher, error);
    over = problem === undefined;
    if (!(problem instanceof LeaseLostError)) throw error;
    // What this epoch has published: the coordinator that took over may be done, and not clear it.
    await removeTransient(store, runId, (epoch) => epoch === lease.epoch).catch(() => {});
    throw problem; // whatever else went wrong, went wrong because another has taken over
  } finally {
    // The watchdog finds runs by their queues: one that goes on has this until its next one is made.
    if (over) await context.queues.remove(queue);
  }
}

function checkBackend({ runId, backend }: RunConfig, ofWorkers: BackendName = backend): void {
  if (ofWorkers === backend) return;
  throw new LambduelError(
    `Run ${runId} was started with the ${backend} backend, but the workers have ${ofWorkers}: its weights would be others`,
    { hint: 'Deploy the stack with the backend of the run, or start a new run.' },
  );
}

/**
 * Room is made first: a full store may have no place for even the head.
 *
 * @returns what kept the head from saying so: another coordinator's lease, or the store itself
 */
async function markFailed(
  lease: Lease,
  publisher: WeightsPublisher,
  error: unknown,
): Promise<unknown> {
  await publisher.clear().catch(() => {});
  const { name } = error instanceof Error ? error : { name: 'Error' };
  const failure = { status: 'failed', error: { name, message: messageOf(error) } } as const;
  return lease.release(failure).then(
    () => undefined,
    (problem: unknown) => problem,
  );
}
