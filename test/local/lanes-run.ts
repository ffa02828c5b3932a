import type { Backend } from '../../lib/backend/backend.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { ProgramRegistry } from '../../lib/program/registry.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { systemClock } from '../../lib/run/clock.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { createWorker, type WorkerContext } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { type Play, play, type Script, tinyConfig, Witness } from './scripted-run.ts';
import { tinyProgram } from './tiny-program.ts';

const PIXELS = Uint8Array.from([0, 255, 51, 255, 102, 255, 51, 255]);

/** A run of the tiny program with lanes, and one real worker in this process. */
export interface LanesRun {
  readonly store: Store;
  readonly config: RunConfig;
  readonly queues: LocalQueueService;
  /** The script of another worker, which has nothing yet. */
  newWorker(): Script;
  /** Train on. What `change` says is about the coordinator. */
  play(change?: Partial<Play>, witness?: Witness): ReturnType<typeof play>;
}

/** Make a run of 11 iterations, four of them local at a time, with three lanes. */
export async function newLanesRun(
  backend: Backend,
  folder: string,
  change: Partial<RunConfig> = {},
): Promise<LanesRun> {
  const store = await DiskStore.open(folder);
  const images = { name: 'points', images: PIXELS, examples: 4, source: '' };
  const { name, sha256, examples } = await packDataset(store, { ...images, shape: [1, 2, 1] });
  const config = tinyConfig({
    dataset: { name, sha256, examples },
    ...{ iterations: 11, localIterations: 4, checkpointEvery: 0, learningRate: 0.05 },
    ...change,
  });
  await createRun(store, config, systemClock);
  const queues = new LocalQueueService();
  const programs = new ProgramRegistry().register(tinyProgram);
  const newWorker = () => inTurn(createWorker({ store, backend, programs, maxInlineBytes: 1e6 }));
  const script = newWorker();
  return {
    newWorker,
    store,
    config,
    queues,
    play: (options = {}, witness = new Witness()) =>
      play({ store, runId: config.runId, queues, script, ...options }, witness),
  };
}

/** The script of a real worker, which does one job at a time. */
function inTurn(worker: WorkerContext): Script {
  let last = Promise.resolve<Message>({ body: '' });
  return async (job) => {
    last = last.then(() => performJob(worker, job, 1));
    return [await last];
  };
}

/** The tensors of a run's last checkpoint by network, as bytes. */
export async function finalBytes({ store, config }: LanesRun): Promise<Record<string, string>> {
  const { checkpoint } = (await readHead(store, config.runId)).head;
  const { iteration, epoch } = checkpoint as { iteration: number; epoch: number };
  const prefix = runKeys.checkpoint(config.runId, iteration, epoch);
  const all = (await store.list(prefix)).filter(({ key }) => key.endsWith('.safetensors'));
  const named = all.map(async ({ key }) => {
    const { bytes } = await store.get(key);
    return [key.slice(prefix.length), Buffer.from(bytes).toString('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(named));
}

/** The lanes' states that are there, from the run's folder of lanes. */
export async function lanesOf({ store, config }: LanesRun): Promise<string[]> {
  const folder = runKeys.allLanes(config.runId);
  return (await store.list(folder)).map(({ key }) => key.slice(folder.length));
}
