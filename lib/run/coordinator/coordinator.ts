import { LambduelError, messageOf } from '../../errors.ts';
import type { BackendName, RunConfig } from '../record/config.ts';
import type { RunStatus } from '../record/head.ts';
import { repliesQueue } from '../record/keys.ts';
import { readConfig } from '../record/runs.ts';
import type { CoordinatorContext } from './context.ts';
import { Lease, LeaseLostError } from './lease.ts';
import { WeightsPublisher } from './publisher.ts';
import { removeTransient } from './remove-transient.ts';
import { TrainingLoop } from './training-loop.ts';

/** Replies that a coordinator has not acknowledged come again after this long. */
const REPLY_VISIBILITY_MS = 30_000;

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
