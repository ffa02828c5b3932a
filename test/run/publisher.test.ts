import { expect, it } from 'vitest';
import { WeightsPublisher } from '../../lib/run/coordinator/publisher.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { gradientJob } from '../../support/messages.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const RUN = '20260131-235959-0a1b';

it('clears what its own epoch and earlier ones left, and nothing of the one that took over', async () => {
  const store = await DiskStore.open(await newFolder());
  const keysOf = (epoch: number) => [
    runKeys.weights(RUN, 'D', 7, epoch),
    runKeys.answer(gradientJob({ runId: RUN, epoch }), '1.1'),
  ];
  for (const key of [1, 2, 3, 20].flatMap(keysOf)) await store.create(key, new Uint8Array(1));
  await new WeightsPublisher(store, RUN, 2).clear();
  const left = (await store.list(runKeys.run(RUN))).map(({ key }) => key);
  expect(left.sort()).toEqual([3, 20].flatMap(keysOf).sort());
});
