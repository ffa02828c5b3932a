import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Lease, LeaseLostError, RunBusyError } from '../../lib/run/coordinator/lease.ts';
import { RunEndedError, RunNotFoundError, readHead } from '../../lib/run/record/head.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { cancelRun, createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { FakeClock, runConfig } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const config = runConfig();
const { runId } = config;
const DURATION = 3_600_000; // no test takes so long: what passes is the fake clock's time

let store: DiskStore;
let clock: FakeClock;
beforeEach(async () => {
  store = await DiskStore.open(await newFolder());
  clock = new FakeClock();
  await createRun(store, config, clock);
});

const take = (owner: string, onWait?: (owner: string, ms: number) => void) =>
  Lease.take(store, runId, { owner, durationMs: DURATION, clock, ...(onWait ? { onWait } : {}) });
const headNow = async () => (await readHead(store, runId)).head;

/** Make the store believe that the head was written so long ago. */
async function ageHead(ms: number): Promise<void> {
  const then = new Date(Date.now() - ms);
  await utimes(join(store.root, runKeys.head(runId)), then, then);
}

describe('taking a lease', () => {
  it('of a new run writes the owner and the first epoch into the head, without a wait', async () => {
    const lease = await take('a');
    expect(lease.epoch).toBe(1);
    expect(await headNow()).toEqual(lease.head);
    expect(lease.head).toMatchObject({
      status: 'running',
      epoch: 1,
      lease: { owner: 'a', durationMs: DURATION },
      checkpoint: null,
    });
    expect(clock.sleeps).toBe(0);
  });

  it('raises the epoch each time, and keeps the checkpoint', async () => {
    const checkpoint = { iteration: 5, epoch: 1 };
    await (await take('a')).release({ status: 'stopped', iteration: 5, checkpoint });
    const lease = await take('b');
    expect(lease.head).toMatchObject({ epoch: 2, iteration: 5, checkpoint, status: 'running' });
  });

  it.each(['stopped', 'failed'] as const)(
    'of a %s run goes on with it, its error forgotten',
    async (status) => {
      const error = { name: 'Error', message: 'no' };
      await (await take('a')).release({ status, error });
      expect((await take('b')).head).toMatchObject({ status: 'running', error: null });
    },
  );

  it.each(['finished', 'cancelled'] as const)('of a %s run is refused', async (status) => {
    await (await take('a')).release({ status });
    await expect(take('b')).rejects.toThrow(RunEndedError);
    expect((await headNow()).status).toBe(status);
  });

  it('of a run that is not there is refused, with its id', async () => {
    const act = Lease.take(store, '20990101-000000-ffff', { owner: 'a', durationMs: 1, clock });
    await expect(act).rejects.toThrow(RunNotFoundError);
  });

  it('by many at once is granted to one', async () => {
    const owners = Array.from({ length: 8 }, (_, i) => `owner ${i}`);
    const results = await Promise.allSettled(owners.map((owner) => take(owner)));
    const winners = owners.filter((_, i) => results[i]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect((await headNow()).lease?.owner).toBe(winners[0]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(RunBusyError);
    }
  });
});

describe("another's lease", () => {
  beforeEach(async () => {
    await take('a');
  });

  it("that has run out by the store's clock is taken over at once", async () => {
    await ageHead(DURATION + 5000);
    const lease = await take('b');
    expect(lease.head).toMatchObject({ epoch: 2, lease: { owner: 'b' } });
    expect(clock.sleeps).toBe(0);
  });

  it("is waited out when its holder is silent, on the challenger's own clock", async () => {
    const waits: [string, number][] = [];
    const startedAt = clock.now();
    const lease = await take('b', (owner, ms) => waits.push([owner, ms]));
    expect(lease.epoch).toBe(2);
    expect(waits).toHaveLength(1);
    expect(waits[0]?.[0]).toBe('a');
    expect(waits[0]?.[1]).toBeGreaterThan(DURATION / 2);
    expect(waits[0]?.[1]).toBeLessThanOrEqual(DURATION);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(waits[0]?.[1] ?? 0);
  });

  it('is waited for only as long as is left of it', async () => {
    await ageHead(DURATION - 600_000);
    const startedAt = clock.now();
    await take('b');
    expect(clock.now() - startedAt).toBeLessThan(700_000);
  });
});

describe('a holder that shows itself while a challenger waits', () => {
  it('keeps its lease by renewing it: the run is busy', async () => {
    const holder = await take('a');
    clock.whileAsleep = async () => {
      if (clock.sleeps === 2) await holder.update({});
    };
    const act = take('b');
    await expect(act).rejects.toThrow(RunBusyError);
    await expect(act).rejects.toThrow('is being advanced by a');
    expect((await headNow()).lease?.owner).toBe('a');
  });

  it('and lets go leaves the run to the challenger', async () => {
    const holder = await take('a');
    clock.whileAsleep = async () => {
      if (clock.sleeps === 1) await holder.release({ status: 'stopped' });
    };
    expect((await take('b')).epoch).toBe(2);
    expect(clock.sleeps).toBe(1);
  });

  it('and finishes leaves nothing to go on with', async () => {
    const holder = await take('a');
    clock.whileAsleep = async () => {
      if (clock.sleeps === 1) await holder.release({ status: 'finished' });
    };
    await expect(take('b')).rejects.toThrow(RunEndedError);
  });
});

describe('holding a lease', () => {
  it('renews it after a third of its length, not before, with the iteration', async () => {
    const lease = await take('a');
    clock.advance(DURATION / 3 - 1);
    await lease.renewIfDue(() => ({ iteration: 7 }));
    expect((await headNow()).iteration).toBe(0);
    clock.advance(1);
    await lease.renewIfDue(() => ({ iteration: 7 }));
    expect(await headNow()).toMatchObject({ iteration: 7, revision: lease.head.revision });
    await lease.renewIfDue(() => ({ iteration: 8 })); // renewed just now
    expect((await headNow()).iteration).toBe(7);
  });

  it('gives each head a new revision, so that no two are the same', async () => {
    const lease = await take('a');
    const revisions = [lease.head.revision];
    for (let i = 0; i < 3; i++) {
      await lease.update({});
      revisions.push((await headNow()).revision);
    }
    expect(revisions).toEqual([1, 2, 3, 4]);
  });

  it('ends when another has taken over: the next change fails and changes nothing', async () => {
    const lost = await take('a');
    await ageHead(DURATION + 5000);
    const lease = await take('b');
    for (const act of [
      () => lost.update({ iteration: 99 }),
      () => lost.release({ status: 'finished' }),
    ]) {
      await expect(act()).rejects.toThrow(LeaseLostError);
    }
    expect(await headNow()).toEqual(lease.head);
  });

  it('ends as well when the one who took over has the same name but a later epoch', async () => {
    const lost = await take('a');
    await ageHead(DURATION + 5000);
    await take('a');
    await expect(lost.update({})).rejects.toThrow(LeaseLostError);
  });

  it('goes on after a request to cancel, and learns of it at its next change', async () => {
    const lease = await take('a');
    expect(await cancelRun(store, runId, clock)).toBe(false);
    expect(lease.head.cancelRequested).toBe(false);
    await lease.update({ iteration: 3 });
    expect(lease.head).toMatchObject({ cancelRequested: true, iteration: 3 });
    expect(await headNow()).toEqual(lease.head);
  });

  it('ends by releasing it: nobody holds it, and the run says what it came to', async () => {
    const lease = await take('a');
    await lease.release({ status: 'stopped', iteration: 4 });
    expect(await headNow()).toMatchObject({
      lease: null,
      status: 'stopped',
      iteration: 4,
      epoch: 1,
    });
  });
});
