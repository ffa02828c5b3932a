import { afterEach, beforeEach, expect, it } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Queue } from '../../lib/queue/queue.ts';
import { advance } from '../../lib/run/coordinator/coordinator.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { CheckpointReader, writeCheckpoint } from '../../lib/run/record/checkpoint.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { initialState, readState, stateContents } from '../../lib/run/record/training-state.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { FakeClock, runConfig, storeWith } from '../../support/fixtures.ts';
import { answerJobs, tinyPrograms } from '../../support/tiny-program.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const programs = tinyPrograms();
const clock = new FakeClock();
const reference = { name: 'tiny', settings: {} };

let disk: DiskStore;
let queues: LocalQueueService;
let jobs: Queue;
let worker: Promise<void>;
beforeEach(async () => {
  disk = await DiskStore.open(await newFolder());
  queues = new LocalQueueService();
  jobs = await queues.create('jobs', { visibilityMs: 3_600_000 });
  worker = answerJobs(queues, jobs);
});
afterEach(async () => {
  await queues.remove('jobs');
  await worker;
});

/** Advance a run until it is finished or has done so many iterations. */
function train(config: RunConfig, iterations = Number.POSITIVE_INFINITY, store: Store = disk) {
  let done = 0;
  const events = new RunEventBus().on('iteration', () => {
    done++;
  });
  const shouldStop = () => done >= iterations;
  const context = { store, queues, jobs, programs, clock, events, owner: 'test', leaseMs: 60_000 };
  return advance({ ...context, assertHealthy: () => {}, shouldStop }, config.runId);
}

async function foldersOf({ runId }: RunConfig): Promise<string[]> {
  const prefix = `runs/${runId}/checkpoints/`;
  const keys = (await disk.list(prefix)).map(({ key }) => key.slice(prefix.length));
  return [...new Set(keys.map((key) => key.split('/')[0] ?? ''))];
}

it('keeps the last three checkpoints, and removes older ones', async () => {
  const config = runConfig({ program: reference, iterations: 9, checkpointEvery: 2 });
  await createRun(disk, config, clock);
  expect(await train(config)).toBe('finished');
  expect(await foldersOf(config)).toEqual(['6-e1', '8-e1', '9-e1']);
});

it('never removes the checkpoint that the head names, whatever killed coordinators left', async () => {
  // Prepare: three coordinators that wrote a later checkpoint and died before the head named it
  const config = runConfig({ program: reference, iterations: 100, checkpointEvery: 0 });
  await createRun(disk, config, clock);
  expect(await train(config, 1)).toBe('stopped');
  const state = stateContents(initialState(programs.create(reference), config.seed));
  for (const epoch of [20, 21, 22]) {
    await writeCheckpoint(disk, config.runId, { iteration: 50, epoch }, state);
  }
  // Act
  expect(await train(config, 1)).toBe('stopped');
  // Assess
  const { checkpoint } = (await readHead(disk, config.runId)).head;
  expect(checkpoint).toEqual({ iteration: 2, epoch: 2 });
  const named = checkpoint ?? { iteration: 0, epoch: 0 };
  const read = await readState(
    await CheckpointReader.open(disk, config.runId, named),
    programs.create(reference),
  );
  expect(read.get('N')?.adam.updates).toBe(2);
});

it('removes a checkpoint of the same iteration that no head ever named', async () => {
  // Prepare: one that died had written the last checkpoint already
  const config = runConfig({ program: reference, iterations: 3, checkpointEvery: 1 });
  await createRun(disk, config, clock);
  expect(await train(config, 1)).toBe('stopped');
  const state = stateContents(initialState(programs.create(reference), config.seed));
  await writeCheckpoint(disk, config.runId, { iteration: 3, epoch: 1 }, state);
  // Act
  expect(await train(config)).toBe('finished');
  // Assess
  expect(await foldersOf(config)).toEqual(['1-e1', '2-e2', '3-e2']);
});

it('never removes the checkpoint of a coordinator that took over meanwhile', async () => {
  // Prepare: killed ones left later checkpoints; another takes over while the first tidies up
  const config = runConfig({ program: reference, iterations: 100, checkpointEvery: 0 });
  const { runId } = config;
  const state = stateContents(initialState(programs.create(reference), config.seed));
  const named = { iteration: 2, epoch: 2 };
  await createRun(disk, config, clock);
  for (const epoch of [20, 21, 22]) {
    await writeCheckpoint(disk, runId, { iteration: 3, epoch }, state);
  }
  const store = storeWith(disk, {
    list: async (prefix) => {
      if (prefix.endsWith('/checkpoints/')) {
        const lease = await Lease.take(disk, runId, { owner: 'b', durationMs: 1000, clock });
        await writeCheckpoint(disk, runId, named, state);
        await lease.update({ checkpoint: named });
      }
      return disk.list(prefix);
    },
  });
  // Act
  expect(await train(config, 1, store)).toBe('stopped');
  // Assess
  expect((await readHead(disk, runId)).head.checkpoint).toEqual(named);
  await readState(await CheckpointReader.open(disk, runId, named), programs.create(reference));
});
