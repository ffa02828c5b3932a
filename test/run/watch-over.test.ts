import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { watchOver } from '../../lib/run/coordinator/watch-over.ts';
import { jobQueue, repliesQueue, runKeys } from '../../lib/run/record/keys.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { FakeClock, runConfig } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const clock = new FakeClock();
const HOUR = 3_600_000;

let store: DiskStore;
let queues: LocalQueueService;
let restarted: string[];
beforeEach(async () => {
  store = await DiskStore.open(await newFolder());
  queues = new LocalQueueService();
  restarted = [];
});

const watch = () => watchOver(store, queues, async (runId) => void restarted.push(runId));

/** A run with a coordinator that holds its lease, and its queue of answers. */
async function coordinatedRun(runId: string): Promise<Lease> {
  await createRun(store, runConfig({ runId }), clock);
  return coordinate(runId);
}

async function coordinate(runId: string): Promise<Lease> {
  const lease = await Lease.take(store, runId, { owner: 'a', durationMs: HOUR, clock });
  await queues.create(repliesQueue(runId, lease.epoch), { visibilityMs: 1000 });
  return lease;
}

async function expire(runId: string): Promise<void> {
  const then = new Date(Date.now() - 2 * HOUR);
  await utimes(join(store.root, runKeys.head(runId)), then, then);
}

const ALIVE = '20260101-000000-0001';
const DEAD = '20260101-000000-0002';
const ENDED = '20260101-000000-0003';

it('starts a coordinator for each run whose own died, and leaves the others alone', async () => {
  await coordinatedRun(ALIVE);
  await coordinatedRun(DEAD);
  await expire(DEAD);
  expect(await watch()).toEqual({
    inProgress: [ALIVE, DEAD],
    restarted: [DEAD],
    removedQueues: [],
  });
  expect(restarted).toEqual([DEAD]);
});

it('removes the queues of runs that have ended, or that there are no more', async () => {
  await (await coordinatedRun(ENDED)).release({ status: 'failed' });
  await queues.create(repliesQueue(DEAD, 1), { visibilityMs: 1000 });
  const { inProgress, removedQueues } = await watch();
  expect(inProgress).toEqual([]);
  expect(removedQueues).toEqual([repliesQueue(DEAD, 1), repliesQueue(ENDED, 1)]);
  expect(await queues.list('')).toEqual([]);
  expect(restarted).toEqual([]);
});

it('removes the queue of an earlier coordinator, and keeps that of the present one', async () => {
  const first = await coordinatedRun(ALIVE);
  await first.release({ status: 'running' });
  await coordinate(ALIVE);
  expect((await watch()).removedQueues).toEqual([repliesQueue(ALIVE, 1)]);
  expect(await queues.list('')).toEqual([repliesQueue(ALIVE, 2)]);
  expect(restarted).toEqual([]);
});

it('goes on with a run whose coordinator died between handing it over and its end', async () => {
  const lease = await coordinatedRun(DEAD);
  await lease.release({ status: 'running' });
  expect((await watch()).restarted).toEqual([DEAD]);
});

it('goes on with a run whose second coordinator died before it had a queue', async () => {
  await (await coordinatedRun(DEAD)).release({ status: 'running' });
  await Lease.take(store, DEAD, { owner: 'b', durationMs: HOUR, clock });
  expect(await watch()).toEqual({ inProgress: [DEAD], restarted: [], removedQueues: [] });
  await expire(DEAD);
  expect((await watch()).restarted).toEqual([DEAD]);
});

it('leaves queues of other kinds alone', async () => {
  await queues.create('jobs', { visibilityMs: 1000 });
  await queues.create('replies-of-someone-else', { visibilityMs: 1000 });
  await watch();
  expect(await queues.list('')).toEqual(['jobs', 'replies-of-someone-else']);
});

it("removes job queues that no coordinator sends to, and keeps the present coordinator's", async () => {
  const first = await coordinatedRun(ALIVE);
  await first.release({ status: 'running' });
  await coordinate(ALIVE);
  await (await coordinatedRun(ENDED)).release({ status: 'cancelled' });
  const left = [jobQueue(ALIVE, 1), jobQueue(ENDED, 1), jobQueue(DEAD, 1)];
  for (const name of [...left, jobQueue(ALIVE, 2)]) await queues.create(name, { visibilityMs: 1 });
  const { removedQueues } = await watch();
  expect(removedQueues).toEqual(expect.arrayContaining(left));
  expect(await queues.list('jobs-')).toEqual([jobQueue(ALIVE, 2)]);
});
