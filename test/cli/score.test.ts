import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireEmptyFolder, writeImages } from '../../lib/cli/write-images.ts';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { findDataset } from '../../lib/data/list.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { testFolders } from '../support/folders.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const SIDE = 28;

/** A store with the first digits of each class as a dataset without labels, and a folder of others. */
async function prepare() {
  const [path, pictures] = [await folder(), join(await folder(), 'pictures')];
  const store = await DiskStore.open(path);
  const digits = await new DatasetCache(store).load(await findDataset(store, 'digits'));
  const some = (first: number) =>
    Uint8Array.from(
      digits.gather(Uint32Array.from({ length: 60 }, (_, i) => i * 160 + first)),
      (value) => Math.round(255 * value),
    );
  const shape = [SIDE, SIDE, 1] as const;
  await packDataset(store, { name: 'few', images: some(0), examples: 60, shape, source: 'test' });
  await requireEmptyFolder(pictures);
  await writeImages(pictures, some(7), shape);
  return { path, pictures };
}

test('a folder of images is scored against a dataset without labels', async () => {
  const { path, pictures } = await prepare();
  const args = ['score', pictures, '--dataset', 'few', '--count', '60', '--json', '--store', path];
  const { code, stdout, stderr } = await runHere(args);
  expect(code, stderr).toBe(0);
  const told = JSON.parse(stdout);
  expect(Object.keys(told)).toEqual([
    ...['source', 'dataset', 'count', 'slicedWasserstein', 'nearestReal', 'nearestRealOfReals'],
  ]);
  expect(told).toMatchObject({ count: 60, dataset: { name: 'few' } });
  expect((await runHere(args)).stdout).toBe(stdout);
});

test.each([
  ['--count', '1', /--count/],
  ['--dataset', 'nothing', /There is no dataset nothing/],
])('%s %s is refused in a sentence', async (option, value, message) => {
  const { path, pictures } = await prepare();
  const { code, stderr } = await runHere(['score', pictures, option, value, '--store', path]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(message);
});
