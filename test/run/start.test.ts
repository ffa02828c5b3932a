import { beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { RunEndedError } from '../../lib/run/record/head.ts';
import { cancelRun, listRuns, readConfig, summarize } from '../../lib/run/record/runs.ts';
import { trainSettingsSchema } from '../../lib/run/record/settings.ts';
import { prepareResumption, startRun } from '../../lib/run/record/start.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { FakeClock } from '../../support/fixtures.ts';
import { testFolders } from '../support/folders.ts';

const RUN = '20260131-235959-0a1b';
const parts = { runId: RUN, backend: 'wasm', defaultWire: 'f16' } as const;
const clock = new FakeClock();
const newFolder = testFolders();
let store: DiskStore;
beforeEach(async () => {
  store = await DiskStore.open(await newFolder());
});

const start = (settings: object = {}) =>
  startRun(store, trainSettingsSchema.parse(settings), parts, clock);

describe('a run is started', () => {
  it('with what the settings ask for, what the place decides, and its limits', async () => {
    const config = await start({ batch: 8, maxMinutes: 5 });

    expect(config).toMatchObject({ runId: RUN, batch: 8, backend: 'wasm', wire: 'f16' });
    expect(await readConfig(store, RUN)).toEqual(config);
    expect((await summarize(store, RUN)).head.limits).toEqual({ minutes: 5, cost: null });
  });

  it('once: another one of its id is refused, and changes nothing', async () => {
    const config = await start();

    const refusal = await start({ seed: 1 }).catch((error: unknown) => error);

    expect(refusal).toBeInstanceOf(UsageError);
    expect(refusal).toMatchObject({
      message: `There is a run ${RUN} already`,
      hint: expect.stringContaining(`lambduel resume ${RUN}`),
    });
    expect(await readConfig(store, RUN)).toEqual(config);
  });

  it('not at all when the settings do not fit together', async () => {
    await expect(start({ batch: 4, shards: 5 })).rejects.toThrow(UsageError);
    expect([await listRuns(store), await store.list('')]).toEqual([[], []]);
  });
});

describe('going on with a run', () => {
  const limitsNow = async () => (await summarize(store, RUN)).head.limits;

  it('gives it other limits, and leaves those alone that are not named', async () => {
    await start({ maxMinutes: 5, maxCost: 1 });

    const { head } = await prepareResumption(store, RUN, { maxMinutes: 9 }, clock);

    expect([head.limits.minutes, await limitsNow()]).toEqual([5, { minutes: 9, cost: 1 }]);
  });

  it('changes nothing when there is something against it', async () => {
    await start({ maxMinutes: 5 });
    const refuse = () => {
      throw new Error('not here');
    };

    const act = prepareResumption(store, RUN, { maxMinutes: 9 }, clock, refuse);

    await expect(act).rejects.toThrow('not here');
    expect(await limitsNow()).toEqual({ minutes: 5, cost: null });
  });

  it.each(['finished', 'cancelled'] as const)('is refused when it is %s', async (status) => {
    await start();
    const lease = await Lease.take(store, RUN, { owner: 'a', durationMs: 1000, clock });
    await lease.release({ status });

    const act = prepareResumption(store, RUN, { maxMinutes: 9 }, clock);

    await expect(act).rejects.toThrow(RunEndedError);
    expect(await limitsNow()).toEqual({ minutes: null, cost: null });
  });

  it('is refused after it was cancelled while nobody advanced it', async () => {
    await start();
    await cancelRun(store, RUN, clock);
    await expect(prepareResumption(store, RUN, {}, clock)).rejects.toThrow(RunEndedError);
  });
});
