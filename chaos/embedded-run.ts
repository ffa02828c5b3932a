import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '../lib/backend/choose.ts';
import { ensureDigits } from '../lib/data/digits.ts';
import { advanceLocally } from '../lib/local/train.ts';
import { attachMetricsWriter } from '../lib/observe/metrics.ts';
import { systemClock } from '../lib/run/clock.ts';
import { RunEventBus } from '../lib/run/events.ts';
import type { RunConfig } from '../lib/run/record/config.ts';
import { readHead } from '../lib/run/record/head.ts';
import { runKeys, weightsOfCheckpoint } from '../lib/run/record/keys.ts';
import { startRun } from '../lib/run/record/start.ts';
import { DiskStore } from '../lib/store/disk.ts';
import type { Store } from '../lib/store/store.ts';
import { sha256 } from '../lib/wire/checksum.ts';
import type { WeightHashes } from './outcome.ts';
import { cadence, iterationsOf, type PlanOptions } from './plan.ts';
import { storeProgram } from './program.ts';
import { bundleScripts, type Scripts } from './scripts.ts';

const WORKERS = 2;
const METRICS_EVERY_MS = 1000;

/** A folder with a store, and two runs of the same settings in it. */
export interface EmbeddedRuns {
  readonly folder: string;
  readonly store: DiskStore;
  readonly undisturbed: RunConfig;
  readonly disturbed: RunConfig;
  readonly scripts: Scripts;
  remove(): Promise<void>;
}

/** Iterations that leave room for so many faults. */
export function iterationsFor({ faults, localIterations }: PlanOptions): number {
  return iterationsOf(Math.max(20, Math.ceil(faults / 4)), localIterations);
}

/** Make a store in a folder of its own, and both runs. */
export async function createEmbeddedRuns(options: PlanOptions): Promise<EmbeddedRuns> {
  const { seed, localIterations = 0, program } = options;
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-chaos-'));
  const store = await DiskStore.open(join(folder, 'store'));
  await ensureDigits(store);
  const own = program === undefined ? {} : await storeProgram(store, program);
  const start = (runId: string) =>
    startRun(
      store,
      {
        preset: 'digits',
        ...own,
        iterations: iterationsFor(options),
        seed,
        batch: 12,
        shards: 3,
        localIterations,
        ...cadence(localIterations),
        emaHalfLife: 500,
      },
      { runId, backend: chooseBackend('auto'), defaultWire: 'f32' },
      systemClock,
    );
  const undisturbed = await start('20260131-235959-0000');
  const disturbed = await start('20260131-235959-0001');
  const scripts = await bundleScripts();
  const remove = async () => {
    await scripts.remove();
    await rm(folder, { recursive: true, force: true });
  };
  return { folder, store, undisturbed, disturbed, scripts, remove };
}

/** Train a run as `lambduel train` does, with no fault. */
export async function trainUndisturbed(
  store: DiskStore,
  runId: string,
  signal?: AbortSignal,
): Promise<void> {
  const events = new RunEventBus();
  attachMetricsWriter(events, store, runId, { everyMs: METRICS_EVERY_MS });
  const shouldStop = () => signal?.aborted ?? false;
  await advanceLocally(store, runId, { workers: WORKERS, events, shouldStop });
}

/** The hashes of a run's last checkpoint. */
export async function weightHashes(store: Store, runId: string): Promise<WeightHashes> {
  const { checkpoint } = (await readHead(store, runId)).head;
  if (!checkpoint) throw new Error(`Run ${runId} has no checkpoint`);
  const folder = runKeys.checkpoint(runId, checkpoint.iteration, checkpoint.epoch);
  const objects = await store.list(folder);
  const hashes: Record<string, string> = {};
  for (const key of weightsOfCheckpoint(
    folder,
    objects.map((object) => object.key),
  )) {
    hashes[key.slice(folder.length)] = sha256((await store.get(key)).bytes);
  }
  return hashes;
}
