import { chooseBackend, nativeIsInstalled } from '../backend/choose.ts';
import { LambduelError, UsageError } from '../errors.ts';
import { builtInPrograms } from '../program/built-in.ts';
import { systemClock } from '../run/clock.ts';
import { RunEndedError } from '../run/coordinator/lease.ts';
import { newRunConfig } from '../run/record/new-run.ts';
import { changeLimits, createRun, summarize } from '../run/record/runs.ts';
import { limitsOf, newLimits } from '../run/record/settings.ts';
import type { DiskStore } from '../store/disk.ts';
import { ObjectExistsError } from '../store/store.ts';
import { type CliContext, tell } from './context.ts';
import { describeRun } from './describe-run.ts';
import { runSession } from './session.ts';
import type { SessionRequest, Target } from './target.ts';
import { type CliSettings, workerCount } from './train-settings.ts';

type DiskTarget = Target & { readonly store: DiskStore };

/** Start a run on this machine and train it to its end. */
export async function trainHere(
  context: CliContext,
  target: DiskTarget,
  settings: CliSettings,
  { runId, json }: SessionRequest,
): Promise<void> {
  const { workers: _, backend = 'auto', ...runSettings } = settings;
  const { store } = target;
  const config = await newRunConfig(store, builtInPrograms(), runSettings, {
    runId,
    createdAt: systemClock.date(),
    backend: chooseBackend(backend),
    defaultWire: 'f32',
  });
  await createRun(store, config, systemClock, limitsOf(runSettings)).catch((error: unknown) => {
    if (!(error instanceof ObjectExistsError)) throw error;
    throw new UsageError(`There is a run ${runId} already`, {
      cause: error,
      hint: `Go on with it by \`lambduel resume ${runId}\`, or choose another --run-id.`,
    });
  });
  const workers = workerCount(settings, config.shards);
  tell(context, describeRun(config, workers));
  await runSession(context, target, runId, { workers, json });
}

/** Go on with a run on this machine, to its end. */
export async function resumeHere(
  context: CliContext,
  target: DiskTarget,
  settings: CliSettings,
  { runId, json }: SessionRequest,
): Promise<void> {
  const { config, head } = await summarize(target.store, runId);
  if (head.status === 'finished' || head.status === 'cancelled') {
    throw new RunEndedError(runId, head.status);
  }
  if (config.backend === 'native' && !nativeIsInstalled()) {
    throw new LambduelError(
      `Run ${runId} was started with the native backend, which is not installed here`,
      { hint: 'See what is missing with `lambduel doctor`.' },
    );
  }
  await changeLimits(target.store, runId, newLimits(settings), systemClock);
  const from = head.checkpoint?.iteration ?? 0;
  tell(context, `Run ${runId}: going on from iteration ${from} of ${config.iterations}`);
  const workers = workerCount(settings, config.shards);
  await runSession(context, target, runId, { workers, json });
}
