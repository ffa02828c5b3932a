import { chooseBackend, nativeIsInstalled } from '../backend/choose.ts';
import { LambduelError } from '../errors.ts';
import { systemClock } from '../run/clock.ts';
import type { RunConfig } from '../run/record/config.ts';
import { prepareResumption, startRun } from '../run/record/start.ts';
import type { DiskStore } from '../store/disk.ts';
import { type CliContext, tell } from './context.ts';
import { describeRun } from './describe-run.ts';
import { leaseSetting } from './lease-setting.ts';
import { warnOfMemory } from './memory-warning.ts';
import { runSession } from './session.ts';
import type { SessionRequest, Target } from './target.ts';
import { type CliSettings, type StartSettings, workerCount } from './train-settings.ts';

type DiskTarget = Target & { readonly store: DiskStore };

/** Start a run on this machine and train it to its end. */
export async function trainHere(
  context: CliContext,
  target: DiskTarget,
  settings: StartSettings,
  { runId, json }: SessionRequest,
): Promise<void> {
  const lease = leaseSetting(context.env);
  const { workers: _, fleet: _fleet, backend = 'auto', ...runSettings } = settings;
  const parts = { runId, backend: chooseBackend(backend), defaultWire: 'f32' } as const;
  const config = await startRun(target.store, runSettings, parts, systemClock);
  const workers = workerCount(settings, config.shards);
  tell(context, describeRun(config, workers));
  await warnOfMemory(context, target.store, config, workers);
  await runSession(context, target, runId, { workers, json, ...lease });
}

/** Continue a run on this machine, to its end. */
export async function resumeHere(
  context: CliContext,
  target: DiskTarget,
  settings: CliSettings,
  { runId, json }: SessionRequest,
): Promise<void> {
  const lease = leaseSetting(context.env);
  const { maxMinutes, maxCost } = settings;
  const { config, head } = await prepareResumption(
    target.store,
    runId,
    { maxMinutes, maxCost },
    systemClock,
    (run) => assertBackendIsHere(run.config),
  );
  const from = head.checkpoint?.iteration ?? 0;
  tell(context, `Run ${runId}: continuing from iteration ${from} of ${config.iterations}`);
  const workers = workerCount(settings, config.shards);
  await warnOfMemory(context, target.store, config, workers);
  await runSession(context, target, runId, { workers, json, ...lease });
}

function assertBackendIsHere({ runId, backend }: RunConfig): void {
  if (backend !== 'native' || nativeIsInstalled()) return;
  throw new LambduelError(
    `Run ${runId} was started with the native backend, which is not installed here`,
    { hint: 'See what is missing with `lambduel doctor`.' },
  );
}
