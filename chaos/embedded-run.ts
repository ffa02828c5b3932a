import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '../lib/backend/choose.ts';
import { advanceLocally } from '../lib/local/train.ts';
import { attachMetricsWriter } from '../lib/observe/metrics.ts';
import { systemClock } from '../lib/run/clock.ts';
import { RunEventBus } from '../lib/run/events.ts';
import type { RunConfig } from '../lib/run/record/config.ts';
import type { TrainSettings } from '../lib/run/record/settings.ts';
import { startRun } from '../lib/run/record/start.ts';
import { DiskStore } from '../lib/store/disk.ts';
import type { Store } from '../lib/store/store.ts';
import { sha256 } from '../lib/wire/checksum.ts';
import { resultOf } from '../support/run-result.ts';
import type { ResultHashes } from './outcome.ts';
import { iterationsOf, type PlanOptions, type RunOptions } from './plan.ts';
import { BEFORE, putInputs, runSettings } from './run-settings.ts';
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
export async function createEmbeddedRuns(options: RunOptions): Promise<EmbeddedRuns> {
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-chaos-'));
  const store = await DiskStore.open(join(folder, 'store'));
  const program = await putInputs(store, options);
  const size = { iterations: iterationsFor(options), batch: 12, shards: 3 };
  const settings = { ...runSettings(options, size), ...program };
  const parts = { backend: chooseBackend('auto'), defaultWire: 'f32' } as const;
  const start = (runId: string, change: Partial<TrainSettings> = {}) =>
    startRun(store, { ...settings, ...change }, { ...parts, runId }, systemClock);
  const begin: Partial<TrainSettings> = {};
  if (options.initFromRun) {
    const { runId } = await start('20260131-235959-ffff', BEFORE);
    await trainUndisturbed(store, runId);
    begin.initFrom = runId;
  }
  const undisturbed = await start('20260131-235959-0000', begin);
  const disturbed = await start('20260131-235959-0001', begin);
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

/** The hashes of all that a run has come to; see {@link resultOf}. */
export async function resultHashes(store: Store, runId: string): Promise<ResultHashes> {
  const result = [...(await resultOf(store, runId))].sort();
  return Object.fromEntries(result.map(([name, bytes]) => [name, sha256(bytes)]));
}
