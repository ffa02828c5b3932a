import { describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/run/clock.ts';
import type { CoordinatorContext } from '../../lib/run/coordinator/context.ts';
import { type Limits, NO_LIMITS, readHead } from '../../lib/run/record/head.ts';
import { changeLimits, createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { testFolders } from '../support/folders.ts';
import { play, tinyConfig, Witness } from './scripted-run.ts';

const folder = testFolders();

async function newRun(limits: Partial<Limits>) {
  const store = await DiskStore.open(await folder());
  const config = tinyConfig({ iterations: 6, checkpointEvery: 0 });
  await createRun(store, config, systemClock, { ...NO_LIMITS, ...limits });
  const head = async () => (await readHead(store, config.runId)).head;
  return { store, runId: config.runId, head };
}

type Run = Awaited<ReturnType<typeof newRun>>;

const TEN_MINUTES = 600_000;

/** Play a run whose iterations each take ten minutes. */
function playSlowly(run: Run, owner = 'first', change: Partial<CoordinatorContext> = {}) {
  let ahead = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const witness = new Witness();
  witness.events.on('iteration', () => {
    ahead += TEN_MINUTES;
  });
  return play({ ...run, clock, owner, leaseMs: 1e9, change }, witness);
}

describe('a run with a limit', () => {
  test('of minutes is stopped at a checkpoint, and says why', async () => {
    const run = await newRun({ minutes: 15 });
    expect((await playSlowly(run)).status).toBe('stopped');
    const head = await run.head();
    expect(head.reason).toBe('it has trained for 15 minutes, its limit');
    expect(head.checkpoint).toEqual({ iteration: 2, epoch: 1 });
    expect(head.trainedMs).toBeGreaterThanOrEqual(2 * TEN_MINUTES);
  });

  test('of dollars is stopped at a checkpoint, and says why', async () => {
    const run = await newRun({ cost: 0.5 });
    let asked = 0;
    const change = { cost: () => 0.2 * ++asked };
    expect((await play({ ...run, change })).status).toBe('stopped');
    expect((await run.head()).reason).toBe('it has cost $0.5, its limit');
  });

  test('counts what all of its coordinators took', async () => {
    const run = await newRun({ minutes: 25 });
    const handOver = { isDue: () => true, start: async () => {} };
    await playSlowly(run, 'first', { handOver });
    await playSlowly(run, 'second', { handOver });
    expect((await run.head()).reason).toBeNull();
    await playSlowly(run, 'third');
    expect(await run.head()).toMatchObject({ status: 'stopped', checkpoint: { iteration: 3 } });
  });

  test('goes on when the limit is raised', async () => {
    const run = await newRun({ minutes: 1 });
    await playSlowly(run);
    await changeLimits(run.store, run.runId, { minutes: 1000 }, systemClock);
    expect((await playSlowly(run, 'second')).status).toBe('finished');
    expect((await run.head()).reason).toBeNull();
  });
});
