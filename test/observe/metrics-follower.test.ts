import { beforeEach, expect, it } from 'vitest';
import { MetricsFollower } from '../../lib/observe/metrics-follower.ts';
import { formatMetricsLine } from '../../lib/observe/metrics-line.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { storeWith } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const RUN = '20260131-235959-0a1b';
const folder = testFolders();
let store: DiskStore;
beforeEach(async () => {
  store = await DiskStore.open(await folder());
});

/** Store iterations `first` to `last` as one object; an iteration's cost tells its epoch. */
async function write(epoch: number, first: number, last: number): Promise<void> {
  const lines: string[] = [];
  for (let iteration = first; iteration <= last; iteration++) {
    const report = { iteration, epoch, metrics: { gCost: epoch }, ms: 1, steps: [] };
    lines.push(`${formatMetricsLine(report)}\n`);
  }
  await store.create(runKeys.metrics(RUN, first, epoch), Buffer.from(lines.join('')));
}

async function iterations(follower: MetricsFollower, epoch: number): Promise<number[]> {
  return (await follower.read(epoch)).map(({ iteration }) => iteration);
}

it('hands out each iteration once and in order, as objects appear', async () => {
  const follower = new MetricsFollower(store, RUN, 0);
  expect(await iterations(follower, 0)).toEqual([]);
  await write(1, 0, 8);
  await write(1, 9, 11);
  expect(await iterations(follower, 1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(await iterations(follower, 1)).toEqual([]);
  await write(1, 12, 12);
  expect(await iterations(follower, 1)).toEqual([12]);
});

it('does not repeat iterations that a new coordinator plays again', async () => {
  const follower = new MetricsFollower(store, RUN, 0);
  await write(1, 0, 3);
  expect(await iterations(follower, 1)).toEqual([0, 1, 2, 3]);
  await write(2, 2, 2);
  expect(await iterations(follower, 2)).toEqual([]);
  await write(2, 3, 4);
  expect(await iterations(follower, 2)).toEqual([4]);
  await write(3, 4, 5);
  await write(4, 5, 7);
  expect(await iterations(follower, 4)).toEqual([5, 6, 7]);
});

it('finds what a coordinator wrote last, though the head is that of the next', async () => {
  const follower = new MetricsFollower(store, RUN, 0);
  await write(1, 0, 1);
  expect(await iterations(follower, 1)).toEqual([0, 1]);
  await write(1, 2, 3);
  await write(2, 4, 4);
  expect(await iterations(follower, 2)).toEqual([2, 3, 4]);
});

it('misses nothing when the head it was given is older than the objects', async () => {
  const follower = new MetricsFollower(store, RUN, 0);
  await write(1, 0, 1);
  await write(2, 2, 2);
  expect(await iterations(follower, 1)).toEqual([0, 1, 2]);
  await write(2, 3, 3);
  expect(await iterations(follower, 2)).toEqual([3]);
  await write(2, 4, 4);
  expect(await iterations(follower, 2)).toEqual([4]);
});

it('waits for an iteration that is missing', async () => {
  const follower = new MetricsFollower(store, RUN, 0);
  await write(1, 2, 3);
  expect(await iterations(follower, 1)).toEqual([]);
  await write(2, 0, 1);
  expect(await iterations(follower, 2)).toEqual([0, 1, 2, 3]);
});

it('begins in the middle without reading what was before', async () => {
  for (const first of [0, 10, 20]) await write(1, first, first + 9);
  const read: string[] = [];
  const spied = storeWith(store, {
    get: (key) => {
      read.push(key);
      return store.get(key);
    },
  });
  expect(await iterations(new MetricsFollower(spied, RUN, 14), 1)).toHaveLength(16);
  expect(read).not.toContain(runKeys.metrics(RUN, 0, 1));
});

it('begins with the last iteration that there is, unless told', async () => {
  const follower = new MetricsFollower(store, RUN);
  expect(await iterations(follower, 0)).toEqual([]);
  await write(1, 0, 8);
  await write(1, 9, 11);
  expect(await iterations(follower, 1)).toEqual([11]);
  await write(1, 12, 13);
  expect(await iterations(follower, 1)).toEqual([12, 13]);
});

it('asks for one object at a time, and lists only for a new epoch', async () => {
  let [lists, gets] = [0, 0];
  const counting = storeWith(store, {
    list: (prefix) => {
      lists++;
      return store.list(prefix);
    },
    get: (key) => {
      gets++;
      return store.get(key);
    },
  });
  const follower = new MetricsFollower(counting, RUN, 0);
  await write(1, 0, 0);
  await follower.read(1);
  [lists, gets] = [0, 0];
  for (let i = 1; i <= 5; i++) {
    await write(1, i, i);
    expect(await iterations(follower, 1)).toEqual([i]);
  }
  expect([lists, gets]).toEqual([0, 10]);
});
