import { LambduelError, messageOf } from '../../errors.ts';
import type { BackendName, RunConfig } from '../record/config.ts';
import type { RunStatus } from '../record/head.ts';
import { repliesQueue } from '../record/keys.ts';
import { readConfig } from '../record/runs.ts';
import { createRepliesQueue } from '../replies-queue.ts';
import type { CoordinatorContext } from './context.ts';
import type { Fleet } from './fleet.ts';
import { Lease, LeaseLostError } from './lease.ts';
import { loadRun } from './loaded-run.ts';
import { openFleet } from './open-fleet.ts';
import { WeightsPublisher } from './publisher.ts';
import { removeTransient } from './remove-transient.ts';
import { TrainingLoop } from './training-loop.ts';

/**
 * Advance a run until it is finished, stopped or cancelled: take its lease, continue from its last
 * checkpoint, and for each step publish, dispatch, collect and apply. Any number of coordinators
 * may try. Only the holder of the lease advances the run.
 *
 * @returns the run's status; `running`: it has been handed over
 * @throws what ended it. The head then says `failed`, and why, unless the lease was lost
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
  const { store, removedAtOnce = 1, compress = false } = context;
  const options = { removedAtOnce, compress, wire: config.weightsWire };
  const publisher = new WeightsPublisher(store, runId, lease.epoch, options);
  let over = false;
  let fleet: Fleet | undefined;
  try {
    checkBackend(config, context.backend);
    const replies = await createRepliesQueue(context.queues, runId, lease.epoch);
    await context.queues.remove(repliesQueue(runId, lease.epoch - 1));
    const run = await loadRun(context, config);
    fleet = await openFleet(context, config, lease);
    const parts = { publisher, replies, fleet };
    const status = await new TrainingLoop(context, run, lease, parts).run();
    over = status !== 'running';
    return status;
  } catch (error) {
    const problem =
      error instanceof LeaseLostError ? error : await markFailed(lease, publisher, error);
    over = problem === undefined;
    if (!(problem instanceof LeaseLostError)) throw error;
    // The coordinator that took over may have ended already. Then nobody else clears this epoch.
    await removeTransient(store, runId, (epoch) => epoch === lease.epoch).catch(() => {});
    throw problem; // other errors are consequences of the take-over
  } finally {
    await fleet?.close().catch(() => {}); // what is left, the next coordinator or the watchdog removes
    // The watchdog finds runs by their queues: a run that continues keeps this one until the next.
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
 * Removes published weights first: a full store may have no room for even the head.
 *
 * @returns why the head could not be changed: another coordinator's lease, or the store itself
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
