import { expect, test } from 'vitest';
import { attachMetricsWriter } from '../../lib/observe/metrics.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { testFolders } from '../support/folders.ts';
import { play, type Script, tinyConfig, Witness } from './scripted-run.ts';

const folder = testFolders();
const ITERATIONS = 30;
const SHARDS = 4;
const NETWORKS = 3;

/**
 * What the store may hold in the middle of a run: of each network the version that jobs name and the
 * one before, and the answers of two rounds.
 */
const MAX_WEIGHTS = 2 * NETWORKS;
const MAX_GRADIENTS = 2 * SHARDS;

/** Advance a run whose workers answer by the store, and count its objects after each iteration. */
async function countObjects(removedAtOnce: number) {
  const store = await DiskStore.open(await folder());
  const settings = { iterations: ITERATIONS, batch: 8, shards: SHARDS, checkpointEvery: 0 };
  const config = tinyConfig(settings);
  const { runId } = config;
  await createRun(store, config, systemClock);
  const byStore: Script = async (job, worker) => {
    const { body, payload = new Uint8Array() } = await worker.answer(job);
    const key = runKeys.answer(job, `${job.attempt}.1`);
    await store.create(key, payload);
    const reply = JSON.parse(body);
    return [{ body: JSON.stringify({ ...reply, data: { ...reply.data, key } }) }];
  };
  const weights: number[] = [];
  const gradients: number[] = [];
  const timelines: number[] = [];
  const witness = new Witness();
  attachMetricsWriter(witness.events, store, runId, { everyMs: 0 });
  witness.events.on('iteration', async () => {
    weights.push((await store.list(runKeys.allWeights(runId))).length);
    gradients.push((await store.list(runKeys.allGradients(runId))).length);
    timelines.push((await store.list(runKeys.allTimelines(runId))).length);
  });

  const { status } = await play(
    { store, runId, script: byStore, change: { removedAtOnce } },
    witness,
  );

  expect(status).toBe('finished');
  expect([weights.length, gradients.length]).toEqual([ITERATIONS, ITERATIONS]);
  return {
    weights: Math.max(...weights),
    gradients: Math.max(...gradients),
    timelines: Math.max(...timelines),
  };
}

test.each([1, 10])(
  'a run keeps a bounded number of weights and gradients in the store, removing %d at once',
  async (removedAtOnce) => {
    const { weights, gradients, timelines } = await countObjects(removedAtOnce);
    // Those that wait until there are enough for one request come on top.
    expect(weights).toBeLessThan(MAX_WEIGHTS + removedAtOnce);
    expect(gradients).toBeLessThan(MAX_GRADIENTS + removedAtOnce);
    expect(gradients).toBeGreaterThan(0); // the answers did come by the store
    expect(timelines).toBe(1); // one for every 100 iterations
  },
);
