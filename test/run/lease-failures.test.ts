import { beforeEach, expect, it } from 'vitest';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { type Store, StoreUnavailableError } from '../../lib/store/store.ts';
import { FakeClock, runConfig, storeWith } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const config = runConfig();
const clock = new FakeClock();
const options = { owner: 'a', durationMs: 30_000, clock };

let disk: DiskStore;
/** What goes wrong with the next replacement: before it happens, or only its answer is lost. */
let fault: 'none' | 'before' | 'answer';
let store: Store;
beforeEach(async () => {
  disk = await DiskStore.open(await newFolder());
  await createRun(disk, config, clock);
  fault = 'none';
  store = storeWith(disk, {
    replace: async (...args) => {
      const now = fault;
      fault = 'none';
      if (now === 'before') throw new StoreUnavailableError('no connection');
      const etag = await disk.replace(...args);
      if (now === 'answer') throw new StoreUnavailableError('the connection was cut');
      return etag;
    },
  });
});

const headNow = async () => (await readHead(disk, config.runId)).head;

it('counts a lease as taken when only the answer to taking it was lost', async () => {
  fault = 'answer';
  const lease = await Lease.take(store, config.runId, options);
  expect(await headNow()).toEqual(lease.head);
  await lease.update({ iteration: 1 }); // it knows the head's ETag
  expect((await headNow()).iteration).toBe(1);
});

it('counts a change as made when only its answer was lost, with any part of the head in it', async () => {
  const lease = await Lease.take(store, config.runId, options);
  for (const change of [
    { iteration: 4, checkpoint: { iteration: 4, epoch: 1 } },
    { status: 'failed', error: { name: 'Error', message: 'no' } } as const,
    { lease: null },
  ]) {
    fault = 'answer';
    await lease.update(change);
    expect(await headNow()).toEqual(lease.head);
    expect(lease.head).toMatchObject(change);
  }
});

it("fails with the store's error, the head as it was, when a change was not made", async () => {
  const lease = await Lease.take(store, config.runId, options);
  const before = await headNow();
  fault = 'before';
  await expect(lease.update({ iteration: 1 })).rejects.toThrow('no connection');
  expect(await headNow()).toEqual(before);
  expect(lease.head).toEqual(before);
  await lease.update({ iteration: 2 }); // and it can go on
  expect((await headNow()).iteration).toBe(2);
});

it("does not take another's head for its own when an answer was lost", async () => {
  fault = 'before';
  await expect(Lease.take(store, config.runId, options)).rejects.toThrow('no connection');
  expect((await headNow()).lease).toBeNull();
});
