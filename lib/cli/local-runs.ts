import { chooseBackend, nativeIsInstalled } from '../backend/choose.ts';
import { readDatasetMeta } from '../data/dataset.ts';
import { findDataset } from '../data/list.ts';
import { LambduelError, UsageError } from '../errors.ts';
import { builtInPrograms } from '../program/registry.ts';
import { systemClock } from '../run/clock.ts';
import { RunEndedError } from '../run/lease.ts';
import { createRun, summarize } from '../run/runs.ts';
import { datasetName, programReference, resolveConfig } from '../run/settings.ts';
import type { DiskStore } from '../store/disk.ts';
import { ObjectExistsError, type Store } from '../store/store.ts';
import type { DatasetReference } from '../wire/messages.ts';
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
  const config = resolveConfig(runSettings, {
    runId,
    createdAt: systemClock.date(),
    dataset: await resolveDataset(store, settings),
    backend: chooseBackend(backend),
    defaultWire: 'f32',
  });
  await createRun(store, config, systemClock).catch((error: unknown) => {
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
  const from = head.checkpoint?.iteration ?? 0;
  tell(context, `Run ${runId}: going on from iteration ${from} of ${config.iterations}`);
  const workers = workerCount(settings, config.shards);
  await runSession(context, target, runId, { workers, json });
}

/** The dataset to train on, with the form that the program needs. */
async function resolveDataset(store: Store, settings: CliSettings): Promise<DatasetReference> {
  const name = datasetName(settings);
  const reference = await findDataset(store, name);
  const { shape } = await readDatasetMeta(store, reference.name, reference.sha256);
  const needed = builtInPrograms().create(programReference(settings)).exampleShape;
  if (shape.join() !== needed.join()) {
    throw new LambduelError(
      `Dataset ${name} has images of ${shape.join('x')} pixels, but the program needs ${needed.join('x')}`,
      { hint: 'Scale the images before you import them, or choose another --dataset.' },
    );
  }
  return reference;
}
