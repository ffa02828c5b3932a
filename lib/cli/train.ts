import type { Command } from 'commander';
import { chooseBackend } from '../backend/choose.ts';
import { readDatasetMeta } from '../data/dataset.ts';
import { DIGITS } from '../data/digits.ts';
import { findDataset } from '../data/list.ts';
import { LambduelError, UsageError } from '../errors.ts';
import { builtInPrograms } from '../program/registry.ts';
import { systemClock } from '../run/clock.ts';
import { newRunId, type RunConfig } from '../run/config.ts';
import { createRun } from '../run/runs.ts';
import { datasetName, programReference, resolveConfig } from '../run/settings.ts';
import { ObjectExistsError, type Store } from '../store/store.ts';
import { type DatasetReference, runIdSchema } from '../wire/messages.ts';
import { type CliContext, openStore, type StoreOptions, tell } from './context.ts';
import { runSession } from './session.ts';
import { type CliSettings, readSettings, workerCount } from './train-settings.ts';

interface TrainOptions extends StoreOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly runId?: string;
  readonly debug?: boolean;
  readonly [setting: string]: unknown;
}

/** `lambduel train`: start a run and train it to its end. */
export function addTrain(program: Command, context: CliContext): void {
  program
    .command('train')
    .description('train a GAN on this machine')
    .option('--preset <name>', 'settings to start from: digits or blog (default: digits)')
    .option('--iterations <n>', 'iterations to train')
    .option('--batch <n>', 'examples of a step')
    .option('--shards <n>', 'gradient jobs a step')
    .option('--workers <n>', 'worker processes (default: as many as shards and cores allow)')
    .option('--seed <n>', 'seed of everything random')
    .option('--dataset <name>', 'packed dataset to train on (default: digits)')
    .option('--learning-rate <x>', "Adam's learning rate")
    .option(
      '--checkpoint-every <n>',
      'iterations from checkpoint to checkpoint; 0: only at the end',
    )
    .option('--sample-every <n>', 'iterations from sample grid to sample grid; 0: only at the end')
    .option('--backend <name>', 'auto, native or wasm (default: auto)')
    .option('--threads <n>', 'threads of a worker; other numbers give other bits (default: 1)')
    .option('--wire <format>', 'how gradients travel: f32 or f16 (default: f32)')
    .option('--run-id <id>', "the new run's id, as 20260131-235959-0a1b")
    .option('--config <file>', 'JSON file of the options above, in camel case')
    .option('--json', 'one JSON object an iteration on standard output')
    .action(async (options: TrainOptions) => {
      const { store: folder, config: file, json = false, runId, debug: _, ...settings } = options;
      await train(context, folder, await readSettings(settings as Record<string, string>, file), {
        json,
        runId,
      });
    });
}

async function train(
  context: CliContext,
  folder: string,
  settings: CliSettings,
  { json, runId }: { json: boolean; runId: string | undefined },
): Promise<void> {
  const id = checkRunId(runId ?? newRunId(systemClock.date()));
  const { workers: _workers, backend, ...runSettings } = settings;
  const parts = {
    runId: id,
    createdAt: systemClock.date(),
    backend: chooseBackend(backend),
    defaultWire: 'f32',
  } as const;
  // Before anything is written: what can be refused without looking at the store.
  resolveConfig(runSettings, { ...parts, dataset: PLACEHOLDER });
  const store = await openStore({ store: folder });
  const dataset = await resolveDataset(store, settings);
  const config = resolveConfig(runSettings, { ...parts, dataset });
  const workers = workerCount(settings, config.shards);
  await createRun(store, config, systemClock).catch((error: unknown) => {
    if (!(error instanceof ObjectExistsError)) throw error;
    throw new UsageError(`There is a run ${id} already`, {
      cause: error,
      hint: `Go on with it by \`lambduel resume ${id}\`, or choose another --run-id.`,
    });
  });
  tell(context, describe(config, workers));
  await runSession(context, store, id, { workers, json });
}

const PLACEHOLDER: DatasetReference = { name: DIGITS, sha256: '0'.repeat(64), examples: 1 };

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

function checkRunId(runId: string): string {
  if (runIdSchema.safeParse(runId).success) return runId;
  throw new UsageError(`${JSON.stringify(runId)} is not a run id`, {
    hint: 'A run id has the form yyyymmdd-hhmmss-xxxx, as 20260131-235959-0a1b.',
  });
}

function describe(config: RunConfig, workers: number): string {
  const { runId, preset, dataset, batch, shards, backend, iterations } = config;
  return (
    `Run ${runId}: preset ${preset}, ${iterations} iterations on ${dataset.name} ` +
    `(${dataset.examples} images), batch ${batch} in ${shards} shards, ` +
    `${workers} ${workers === 1 ? 'worker' : 'workers'}, ${backend} backend`
  );
}
