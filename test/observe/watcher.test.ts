import { beforeEach, describe, expect, it } from 'vitest';
import { formatMetricsLine } from '../../lib/observe/metrics-line.ts';
import { type WatchOptions, watchRun } from '../../lib/observe/watcher.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { RunEventBus } from '../../lib/run/events.ts';
import { type Head, RunNotFoundError } from '../../lib/run/record/head.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { type Store, StoreUnavailableError } from '../../lib/store/store.ts';
import { FakeClock, runConfig, storeWith } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const clock = new FakeClock();
const config = runConfig();
const { runId } = config;
const folder = testFolders();
let store: DiskStore;
let log: string[];
beforeEach(async () => {
  store = await DiskStore.open(await folder());
  log = [];
  await createRun(store, config, clock);
});

const takeLease = () => Lease.take(store, runId, { owner: 'a', durationMs: 3_600_000, clock });

async function writeMetrics(epoch: number, ...iterations: number[]): Promise<void> {
  const lines = iterations.map((iteration) =>
    formatMetricsLine({ iteration, epoch, metrics: { gCost: 1 }, ms: 1, steps: [] }),
  );
  const key = runKeys.metrics(runId, iterations[0] as number, epoch);
  await store.create(key, Buffer.from(`${lines.join('\n')}\n`));
}

/** Watch, with the events in the log. */
function watch(options: Partial<WatchOptions> = {}, from: Store = store) {
  const events = new RunEventBus();
  events.on('started', ({ iteration, epoch }) => void log.push(`started ${iteration} e${epoch}`));
  events.on('iteration', ({ iteration }) => void log.push(`iteration ${iteration}`));
  events.on('checkpoint', ({ iteration }) => void log.push(`checkpoint ${iteration}`));
  events.on('ended', ({ status, iteration }) => void log.push(`ended ${status} ${iteration}`));
  const { signal } = new AbortController();
  const pause = (ms: number) => clock.sleep(ms);
  return watchRun(from, runId, { events, signal, pause, ...options });
}

/** A store in which something happens before each of its first looks at the head. */
function meanwhile(...actions: (() => Promise<unknown>)[]): Store {
  return storeWith(store, {
    get: async (key) => {
      if (key === runKeys.head(runId)) await actions.shift()?.();
      return store.get(key);
    },
  });
}

const finish = (lease: Lease, change: Partial<Head> = {}) =>
  lease.release({ status: 'finished', iteration: 3, ...change });

it('tells of a run from its start to its end', async () => {
  let lease: Lease;
  const from = meanwhile(
    async () => {},
    async () => {
      lease = await takeLease();
      await writeMetrics(1, 0, 1);
    },
    async () => {
      await lease.update({ iteration: 2, checkpoint: { iteration: 2, epoch: 1 } });
      await writeMetrics(1, 2);
      await finish(lease);
    },
  );
  const ended = await watch({ from: 0 }, from);
  expect(log).toEqual([
    'started 0 e1',
    'iteration 0',
    'iteration 1',
    'iteration 2',
    'checkpoint 2',
    'ended finished 3',
  ]);
  expect(ended?.head.status).toBe('finished');
});

it('shows a run that has ended as it was at its end', async () => {
  const lease = await takeLease();
  await writeMetrics(1, 0, 1, 2);
  await finish(lease);
  await watch();
  expect(log).toEqual(['started 2 e1', 'iteration 2', 'ended finished 3']);
});

it('waits for the last metrics of a run that fails', async () => {
  const lease = await takeLease();
  await lease.release({ status: 'failed', error: { name: 'Error', message: 'no' } });
  const from = storeWith(store, {
    get: async (key) => {
      const read = store.get(key);
      if (key === runKeys.head(runId)) await writeMetrics(1, 0).catch(() => {});
      return read;
    },
  });
  const ended = await watch({ from: 0 }, from);
  expect(log).toContain('iteration 0');
  expect(ended?.head.error?.message).toBe('no');
});

it('takes no notice of an end before the run was resumed', async () => {
  await (await takeLease()).release({ status: 'stopped' });
  const { revision } = JSON.parse(
    Buffer.from((await store.get(runKeys.head(runId))).bytes).toString(),
  ) as Head;
  const from = meanwhile(
    async () => {},
    async () => finish(await takeLease()),
  );
  expect((await watch({ endedBefore: revision }, from))?.head.epoch).toBe(2);
});

it('says when the status changes', async () => {
  const seen: string[] = [];
  let lease: Lease;
  const from = meanwhile(
    async () => {},
    async () => {
      lease = await takeLease();
    },
    async () => {},
    async () => finish(lease),
  );
  await watch({ onStatus: (status) => seen.push(status) }, from);
  expect(seen).toEqual(['waiting', 'running']);
});

it('ends when nobody watches any more', async () => {
  const controller = new AbortController();
  const onStatus = () => controller.abort();
  expect(await watch({ signal: controller.signal, onStatus })).toBeUndefined();
  expect(log).toEqual([]);
});

describe('a store that cannot be read', () => {
  const unavailable = () => Promise.reject(new StoreUnavailableError('no network'));

  it('is tried again, and said once', async () => {
    const trouble: string[] = [];
    const from = meanwhile(unavailable, unavailable, async () => finish(await takeLease()));
    const ended = await watch({ onTrouble: ({ message }) => trouble.push(message) }, from);
    expect(ended?.status).toBe('finished');
    expect(trouble).toEqual(['no network']);
  });

  it('ends the watching where there is no run', async () => {
    await store.remove([runKeys.head(runId)]);
    await expect(watch()).rejects.toThrow(RunNotFoundError);
  });
});
