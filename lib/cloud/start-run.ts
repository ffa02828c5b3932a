import { UsageError } from '../errors.ts';
import { systemClock } from '../run/clock.ts';
import { requireMemory } from '../run/record/check-memory.ts';
import { newRunId } from '../run/record/config.ts';
import { repliesQueue, runKeys } from '../run/record/keys.ts';
import { startRun } from '../run/record/start.ts';
import { CLOUD_DEFAULTS } from './defaults.ts';
import type { CloudServices } from './services.ts';
import type { TrainTrigger, TriggerAnswer } from './trigger.ts';

/**
 * Start a run that a trigger asks for, and make the queue that names it.
 *
 * @param coordinatorMb the memory of the coordinator
 * @returns its id; nobody advances it yet
 * @throws what is wrong with the settings, before anything is written
 */
export async function startTriggeredRun(
  { store, queues, env, programs }: CloudServices,
  { action: _, runId = newRunId(systemClock.date()), ...settings }: TrainTrigger,
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
  await startRun(store, { ...settings, threads }, parts, systemClock, {
    programs,
    check: (config, program) => requireMemory(config, program, memories),
  });
  // So the watchdog finds the run if its first coordinator dies before it has a queue.
  await queues.create(repliesQueue(runId, 0), { visibilityMs: 0 });
  return runId;
}

/** Where a run's objects are, for whoever has started it. */
export function triggerAnswer({ store }: CloudServices, runId: string): TriggerAnswer {
  return { runId, bucket: store.bucket, prefix: runKeys.run(runId) };
}
