import { expect, it } from 'vitest';
import type { CloudServices } from '../../lib/cloud/services.ts';
import { startTriggeredRun } from '../../lib/cloud/start-run.ts';
import { parseTrigger, type TrainTrigger } from '../../lib/cloud/trigger.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import { writeCheckpoint } from '../../lib/run/record/checkpoint.ts';
import { describeWeights, objectsOf } from '../../lib/run/record/initial-weights.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { createRun, readConfig } from '../../lib/run/record/runs.ts';
import { initialState, stateContents } from '../../lib/run/record/training-state.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { FakeClock, runConfig } from '../../support/fixtures.ts';
import { runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';

const folder = testFolders();
const clock = new FakeClock();
const [SOURCE, RUN] = [runId(1), runId(2)];
const config = runConfig({ runId: SOURCE });
const state = initialState(builtInPrograms().create(config.program), 7);

/** Where functions start a run, with a run that is finished, or has no checkpoint and is in progress. */
async function place(status?: 'finished') {
  const store = await DiskStore.open(await folder());
  await createRun(store, config, clock);
  const lease = await Lease.take(store, SOURCE, { owner: 'a', durationMs: 60_000, clock });
  const checkpoint = { iteration: 3, epoch: lease.epoch };
  await writeCheckpoint(store, SOURCE, checkpoint, stateContents(state));
  if (status) await lease.release({ status, checkpoint });
  const env = {
    LAMBDUEL_WORKER_BACKEND: 'native',
    LAMBDUEL_WORKER_THREADS: 1,
    LAMBDUEL_WORKER_MEMORY_MB: 1769,
  };
  const queues = { create: async () => {} };
  return { store, services: { env, store, queues } as unknown as CloudServices };
}

const start = (services: CloudServices, settings: object) =>
  startTriggeredRun(
    services,
    parseTrigger({ action: 'train', runId: RUN, ...settings }) as TrainTrigger,
    1769,
  );

it('a trigger begins with the last checkpoint of a run of the same bucket', async () => {
  const { store, services } = await place('finished');

  await start(services, { initFrom: SOURCE });

  const { initial } = await readConfig(store, RUN);
  expect(initial?.source).toBe(`run ${SOURCE}, iteration 3`);
  expect(Object.keys(initial?.networks ?? {})).toEqual(['D', 'G']);
  for (const [network, hash] of Object.entries(initial?.networks ?? {})) {
    const { bytes } = await store.get(runKeys.initial(RUN, network, hash));
    const { layout, adam } = state.get(network) ?? {};
    expect(Buffer.from(bytes)).toEqual(
      Buffer.from(encodeParameters(layout as never, adam?.parameters as never)),
    );
  }
});

it('a trigger begins with files that were stored among the objects of its run', async () => {
  const { store, services } = await place('finished');
  const { layout, adam } = state.get('G') ?? {};
  const bytes = encodeParameters(layout as never, adam?.parameters as never);
  const weights = { source: 'a.safetensors', files: new Map([['G', bytes]]) };
  for (const [key, object] of objectsOf(RUN, weights)) await store.create(key, object);

  await start(services, { initFrom: describeWeights(weights) });

  expect((await readConfig(store, RUN)).initial).toEqual(describeWeights(weights));
});

it.each([
  ['a run in progress', { initFrom: SOURCE }, `Run ${SOURCE} is in progress`],
  [
    'objects that are not there',
    { initFrom: { source: '', networks: { G: '0'.repeat(64) } } },
    'not there',
  ],
])('a trigger with %s is refused, with nothing written', async (_what, settings, message) => {
  const { store, services } = await place();
  await expect(start(services, settings)).rejects.toThrow(message);
  expect(await store.list(runKeys.run(RUN))).toEqual([]);
});

it('a trigger with another form of weights is refused', () => {
  expect(() => parseTrigger({ action: 'train', initFrom: '../x' })).toThrow('initFrom');
});
