import { describe, expect, it } from 'vitest';
import { datasetKeys } from '../../lib/data/dataset-meta.ts';
import { findDataset, listDatasets } from '../../lib/data/list.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { InvalidDataError, LambduelError, UsageError } from '../../lib/errors.ts';
import type { Store } from '../../lib/store/store.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();

const pack = (store: Store, name: string, value: number) =>
  packDataset(store, {
    name,
    images: Uint8Array.of(value, value),
    examples: 2,
    shape: [1, 1, 1],
    source: 'a test',
  });

describe('listDatasets', () => {
  it('lists nothing in an empty store', async () => {
    expect(await listDatasets(await folders.store())).toEqual([]);
  });

  it('lists every whole dataset by name, and none that is not whole', async () => {
    const store = await folders.store();
    const suns = await pack(store, 'suns', 1);
    const moons = await pack(store, 'moons', 1);
    await store.create(datasetKeys.images('half', 'a'.repeat(64)), Uint8Array.of(1));
    await store.create('datasets/stray.txt', Uint8Array.of(1));

    expect(await listDatasets(store)).toEqual([moons, suns]);
  });

  it('names a description that belongs to another dataset', async () => {
    const store = await folders.store();
    const { sha256 } = await pack(store, 'moons', 1);
    const { bytes } = await store.get(datasetKeys.meta('moons', sha256));
    await store.create(datasetKeys.meta('suns', sha256), bytes);

    const listing = listDatasets(store);

    await expect(listing).rejects.toBeInstanceOf(InvalidDataError);
    await expect(listing).rejects.toThrow(`datasets/suns/${sha256}/meta.json`);
  });
});

describe('findDataset', () => {
  it('finds the only dataset of a name', async () => {
    const store = await folders.store();
    const { sha256 } = await pack(store, 'moons', 1);
    await pack(store, 'moons-2', 2);

    expect(await findDataset(store, 'moons')).toEqual({ name: 'moons', sha256, examples: 2 });
  });

  it('asks which one when there are several, and takes the beginning of a checksum', async () => {
    const store = await folders.store();
    const metas = [await pack(store, 'moons', 1), await pack(store, 'moons', 2)];

    const finding = findDataset(store, 'moons');

    await expect(finding).rejects.toBeInstanceOf(LambduelError);
    await expect(finding).rejects.toThrow(/is the name of 2 datasets/);
    for (const { sha256 } of metas) {
      await expect(finding).rejects.toThrow(`moons@${sha256.slice(0, 12)}`);
      for (const digits of [6, 12, 64]) {
        const found = await findDataset(store, `moons@${sha256.slice(0, digits)}`);
        expect(found).toEqual({ name: 'moons', sha256, examples: 2 });
      }
    }
  });

  it('says which datasets there are when there is none of a name', async () => {
    const store = await folders.store();
    const { sha256 } = await pack(store, 'moons', 1);

    for (const name of ['suns', 'moons@000000']) {
      const finding = findDataset(store, name);

      await expect(finding).rejects.toMatchObject({ exitCode: 1, hint: expect.any(String) });
      await expect(finding).rejects.toThrow(
        `there is: digits (built in), moons@${sha256.slice(0, 12)}`,
      );
    }
  });

  it('finds a dataset in spite of another that is damaged', async () => {
    const store = await folders.store();
    const { sha256 } = await pack(store, 'moons', 1);
    await store.create(datasetKeys.meta('suns', 'b'.repeat(64)), Buffer.from('{'));

    expect((await findDataset(store, 'moons')).sha256).toBe(sha256);
    await expect(findDataset(store, 'suns')).rejects.toBeInstanceOf(InvalidDataError);
  });

  it.each([
    '',
    'Moons',
    '../moons',
    'moons@',
    'moons@12345',
    'moons@12345G',
    'moons@012345@012345',
  ])('refuses %j as wrong usage', async (name) => {
    const finding = findDataset(await folders.store(), name);

    await expect(finding).rejects.toBeInstanceOf(UsageError);
    await expect(finding).rejects.toMatchObject({ hint: expect.any(String) });
  });
});
