import { beforeEach, expect, test } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { watchOver } from '../../lib/run/coordinator/watch-over.ts';
import { RunEndedError, readHead } from '../../lib/run/record/head.ts';
import { cancelRun, createRun } from '../../lib/run/record/runs.ts';
import { reopenRun } from '../../lib/run/reopen.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { runConfig } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const folder = testFolders();
const config = runConfig();
const { runId } = config;
const ERROR = { name: 'Error', message: 'why' };
const OWNER = { owner: 'a coordinator', durationMs: 60_000, clock: systemClock };

let store: DiskStore;
let queues: LocalQueueService;
beforeEach(async () => {
  store = await DiskStore.open(await folder());
  queues = new LocalQueueService();
  await createRun(store, config, systemClock);
});

const headOf = async () => (await readHead(store, runId)).head;

/** Which runs a watchdog starts coordinators for. */
async function restarted(): Promise<readonly string[]> {
  return (await watchOver(store, queues, async () => {})).restarted;
}

test.each(['failed', 'stopped'] as const)(
  'a watchdog finds a run that was %s and goes on, though no coordinator has begun',
  async (status) => {
    const lease = await Lease.take(store, runId, OWNER);
    await lease.release({
      status,
      ...(status === 'failed' ? { error: ERROR } : { reason: 'why' }),
    });
    expect(await restarted()).toEqual([]);
    await reopenRun(store, queues, runId, systemClock);
    expect(await headOf()).toMatchObject({ status: 'running', error: null, reason: null });
    expect(await restarted()).toEqual([runId]);
    const next = await Lease.take(store, runId, { ...OWNER, durationMs: 1 });
    await systemClock.sleep(5); // it dies before it has made a queue
    expect(next.epoch).toBe(2);
    expect(await restarted()).toEqual([runId]);
  },
);

test('it can be called again', async () => {
  const lease = await Lease.take(store, runId, OWNER);
  await lease.release({ status: 'failed', error: ERROR });
  await reopenRun(store, queues, runId, systemClock);
  const before = await headOf();
  await reopenRun(store, queues, runId, systemClock);
  expect(await headOf()).toEqual(before);
  expect(await restarted()).toEqual([runId]);
});

test('a run that a coordinator holds is left alone', async () => {
  await Lease.take(store, runId, OWNER);
  const before = await headOf();
  await reopenRun(store, queues, runId, systemClock);
  expect(await headOf()).toEqual(before);
  expect(await queues.list('')).toEqual([]);
});

test('a run that is over stays so', async () => {
  await cancelRun(store, runId, systemClock);
  await expect(reopenRun(store, queues, runId, systemClock)).rejects.toThrowError(RunEndedError);
  expect(await queues.list('')).toEqual([]);
});
