import { UsageError } from '../errors.ts';
import { systemClock } from '../run/clock.ts';
import { requireMemory } from '../run/record/check-memory.ts';
import { newRunId } from '../run/record/config.ts';
import { DEFAULT_FLEET } from '../run/record/head.ts';
import { runKeys } from '../run/record/keys.ts';
import { newFleet } from '../run/record/settings.ts';
import { prepareResumption, startRun } from '../run/record/start.ts';
import { reopenRun } from '../run/reopen.ts';
import { createRepliesQueue } from '../run/replies-queue.ts';
import { checkFleet } from './check-fleet.ts';
import { CLOUD_DEFAULTS } from './defaults.ts';
import type { CloudServices } from './services.ts';
import type { ResumeTrigger, TrainTrigger, TriggerAnswer } from './trigger.ts';

/**
 * Start a run that a trigger asks for, and make the queue that names it.
 *
 * @param coordinatorMb the memory of the coordinator
 * @returns its id; nobody advances it yet
 * @throws what is wrong with the settings, before anything is written
 */
export async function startTriggeredRun(
  { store, queues, env, programs }: CloudServices,
  { action: _, runId = newRunId(systemClock.date()), fleet, workers, ...settings }: TrainTrigger,
  coordinatorMb: number,
): Promise<string> {
  const threads = env.LAMBDUEL_WORKER_THREADS;
  if (settings.threads !== undefined && settings.threads !== threads) {
    throw new UsageError(`threads ${settings.threads}: the workers of this stack have ${threads}`, {
      hint: 'Leave it out, or deploy the stack with the context value `threads`.',
    });
  }
  const parts = { runId, backend: env.LAMBDUEL_WORKER_BACKEND, ...CLOUD_DEFAULTS };
  const memories = { workerMb: env.LAMBDUEL_WORKER_MEMORY_MB, coordinatorMb };
  const asked = { ...DEFAULT_FLEET, ...newFleet({ fleet, workers }) };
  await startRun(store, { ...settings, threads }, parts, systemClock, {
    programs,
    fleet: asked,
    check: (config, program) => {
      checkFleet(env, asked, config.shards);
      requireMemory(config, program, memories);
    },
  });
  // So the watchdog finds the run if its first coordinator dies before it has a queue.
  await createRepliesQueue(queues, runId, 0);
  return runId;
}

/** Give a run what it continues with, as a trigger asks. @throws what is wrong with that */
export async function resumeTriggeredRun(
  { store, queues, env }: Pick<CloudServices, 'store' | 'queues' | 'env'>,
  { runId, ...settings }: ResumeTrigger,
): Promise<void> {
  await prepareResumption(store, runId, settings, systemClock, ({ config, head }) =>
    checkFleet(env, { ...head, ...newFleet(settings) }, config.shards),
  );
  await reopenRun(store, queues, runId, systemClock);
}

/** Where a run's objects are, for whoever has started it. */
export function triggerAnswer({ store }: CloudServices, runId: string): TriggerAnswer {
  return { runId, bucket: store.bucket, prefix: runKeys.run(runId) };
}
