import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { RunEndedError, RunNotFoundError } from '../../lib/run/record/head.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import {
  cancelRun,
  createRun,
  listRuns,
  readConfig,
  summarize,
} from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { ObjectExistsError } from '../../lib/store/store.ts';
import { FakeClock, runConfig } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const clock = new FakeClock();
const config = runConfig();
const { runId } = config;

let store: DiskStore;
beforeEach(async () => {
  store = await DiskStore.open(await newFolder());
});

const lease = () => Lease.take(store, runId, { owner: 'a', durationMs: 3_600_000, clock });
async function expire(): Promise<void> {
  const then = new Date(Date.now() - 7_200_000);
  await utimes(join(store.root, runKeys.head(runId)), then, then);
}

describe('a new run', () => {
  it('has its config in the store, every value of it', async () => {
    await createRun(store, config, clock);
    expect(await readConfig(store, runId)).toEqual(config);
  });

  it('is not made twice', async () => {
    await createRun(store, config, clock);
    const act = createRun(store, { ...config, seed: 1 }, clock);
    await expect(act).rejects.toThrow(ObjectExistsError);
    expect((await readConfig(store, runId)).seed).toBe(0);
  });
});

describe('a listing', () => {
  it('has the ids of all runs, oldest first, and of nothing else', async () => {
    const ids = ['20260202-000000-0000', '20251231-235959-ffff', '20260101-000000-0000'];
    for (const id of ids) await createRun(store, runConfig({ runId: id }), clock);
    await store.put('runs/20260303-000000-0000/config.json', new Uint8Array()); // never came to be
    await store.put('runs/head.json', new Uint8Array());
    await store.put('datasets/digits/x/head.json', new Uint8Array());
    expect(await listRuns(store)).toEqual(ids.sort());
  });

  it('is empty in an empty store', async () => {
    expect(await listRuns(store)).toEqual([]);
  });
});

describe('the status', () => {
  const statusNow = async () => (await summarize(store, runId)).status;
  beforeEach(() => createRun(store, config, clock));

  it('is waiting while a coordinator may be on its way, and interrupted when none has come', async () => {
    expect(await statusNow()).toBe('waiting');
    await expire();
    expect(await statusNow()).toBe('interrupted');
  });

  it('is running while someone advances the run, and interrupted when the lease has run out', async () => {
    await lease();
    expect(await statusNow()).toBe('running');
    await expire();
    expect(await statusNow()).toBe('interrupted');
  });

  it.each(['finished', 'stopped', 'cancelled', 'failed'] as const)(
    'is %s when the run ended so',
    async (status) => {
      await (await lease()).release({ status });
      expect(await statusNow()).toBe(status);
    },
  );

  it('of a run that is not there is an error that names it', async () => {
    const act = summarize(store, '20990101-000000-ffff');
    await expect(act).rejects.toThrow(RunNotFoundError);
    await expect(act).rejects.toThrow('There is no run 20990101-000000-ffff');
  });

  it('of a run whose head is damaged is an error that names the object', async () => {
    await store.put(runKeys.head(runId), Buffer.from('{"format":1}'));
    const act = summarize(store, runId);
    await expect(act).rejects.toThrow(InvalidDataError);
    await expect(act).rejects.toThrow(runKeys.head(runId));
  });
});

describe('cancelling', () => {
  beforeEach(() => createRun(store, config, clock));

  it('a run that nobody advances ends it at once, for good', async () => {
    expect(await cancelRun(store, runId, clock)).toBe(true);
    expect((await summarize(store, runId)).status).toBe('cancelled');
    await expect(lease()).rejects.toThrow(RunEndedError);
  });

  it('a run whose coordinator died ends it at once', async () => {
    await lease();
    await expire();
    expect(await cancelRun(store, runId, clock)).toBe(true);
    expect((await summarize(store, runId)).head.lease).toBeNull();
  });

  it('a run that is advanced asks its coordinator, which keeps the lease', async () => {
    await lease();
    expect(await cancelRun(store, runId, clock)).toBe(false);
    const { head, status } = await summarize(store, runId);
    expect(status).toBe('running');
    expect(head).toMatchObject({ cancelRequested: true, lease: { owner: 'a' } });
  });

  it('a cancelled run once more changes nothing', async () => {
    await cancelRun(store, runId, clock);
    const { head } = await summarize(store, runId);
    expect(await cancelRun(store, runId, clock)).toBe(true);
    expect((await summarize(store, runId)).head).toEqual(head);
  });

  it('a finished run is refused', async () => {
    await (await lease()).release({ status: 'finished' });
    await expect(cancelRun(store, runId, clock)).rejects.toThrow('is finished');
  });

  it('reaches the coordinator even when that changes the head at the same moments', async () => {
    const held = await lease();
    const renewing = (async () => {
      for (let i = 0; i < 20; i++) await held.update({ iteration: i });
    })();
    await cancelRun(store, runId, clock);
    await renewing;
    await held.update({});
    expect(held.head.cancelRequested).toBe(true);
  });
});
