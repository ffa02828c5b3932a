import { UsageError } from '../errors.ts';
import { builtInPrograms } from '../program/built-in.ts';
import { systemClock } from '../run/clock.ts';
import { RunEndedError } from '../run/coordinator/lease.ts';
import { newRunId } from '../run/record/config.ts';
import { repliesQueue, runKeys } from '../run/record/keys.ts';
import { newRunConfig } from '../run/record/new-run.ts';
import { changeLimits, createRun, summarize } from '../run/record/runs.ts';
import { type LimitSettings, limitsOf, newLimits } from '../run/record/settings.ts';
import { ObjectExistsError } from '../store/store.ts';
import type { CloudServices } from './services.ts';
import type { TrainTrigger, TriggerAnswer } from './trigger.ts';

/** Half floats: a gradient of `mlp-gan` then fits in a message. */
const DEFAULT_WIRE = 'f16';

/**
 * Start a run: check all of its settings, then write its config and head.
 *
 * @returns its id; nobody advances it yet
 * @throws before anything is written, what is wrong with the settings
 */
export async function startRun(
  { store, queues, env }: CloudServices,
  { action: _, runId = newRunId(systemClock.date()), ...settings }: TrainTrigger,
): Promise<string> {
  const threads = env.LAMBDUEL_WORKER_THREADS;
  if (settings.threads !== undefined && settings.threads !== threads) {
    throw new UsageError(`threads ${settings.threads}: the workers of this stack have ${threads}`, {
      hint: 'Leave it out, or deploy the stack with the context value `threads`.',
    });
  }
  const parts = {
    runId,
    createdAt: systemClock.date(),
    backend: env.LAMBDUEL_WORKER_BACKEND,
    defaultWire: DEFAULT_WIRE,
  } as const;
  const config = await newRunConfig(store, builtInPrograms(), { ...settings, threads }, parts);
  await createRun(store, config, systemClock, limitsOf(settings)).catch((cause: unknown) => {
    if (!(cause instanceof ObjectExistsError)) throw cause;
    throw new UsageError(`There is a run ${runId} already`, {
      cause,
      hint: 'Go on with it by `lambduel resume`, or choose another run id.',
    });
  });
  // By this the watchdog finds the run, should its first coordinator die before it has a queue.
  await queues.create(repliesQueue(runId, 0), { visibilityMs: 0 });
  return runId;
}

/**
 * Give a run the limits that it is gone on with.
 *
 * @throws RunNotFoundError, or RunEndedError when there is nothing to go on with
 */
export async function prepareResumption(
  { store }: CloudServices,
  runId: string,
  limits: LimitSettings,
): Promise<void> {
  const { status } = (await summarize(store, runId)).head;
  if (status === 'finished' || status === 'cancelled') throw new RunEndedError(runId, status);
  await changeLimits(store, runId, newLimits(limits), systemClock);
}

/** Where a run's objects are, for whoever has started it. */
export function triggerAnswer({ store }: CloudServices, runId: string): TriggerAnswer {
  return { runId, bucket: store.bucket, prefix: runKeys.run(runId) };
}
