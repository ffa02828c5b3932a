import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { type DatasetMeta, datasetKeys } from '../../lib/data/dataset-meta.ts';
import { readIdxLabels } from '../../lib/data/idx-labels.ts';
import { folderLabels, numberedLabels } from '../../lib/data/labels.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { InvalidDataError, LambduelError } from '../../lib/errors.ts';
import type { Store } from '../../lib/store/store.ts';
import { idxFile } from '../../support/idx-file.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
const MOONS = {
  name: 'moons',
  images: Uint8Array.from({ length: 8 }, (_, i) => i * 10),
  examples: 4,
  shape: [1, 2, 1],
  source: 'a test',
} as const;
const LABELS = { values: Uint8Array.of(1, 0, 1, 2), classes: ['full', 'half', 'new'] };

const load = (store: Store, { name, sha256, examples }: DatasetMeta) =>
  new DatasetCache(store).load({ name, sha256, examples });
const labelsOf = async (store: Store, meta: DatasetMeta) =>
  Array.from((await load(store, meta)).gatherLabels(Uint32Array.of(3, 0, 0, 1)));

describe('labels of subfolders', () => {
  it('are numbered by the names of the folders of the first level', () => {
    const names = ['b/2.png', 'B/1.png', 'b/deep/er/3.png', 'a b/4.png', 'é/5.png'];

    const { values, classes } = folderLabels('folder', names);

    expect(classes).toEqual(['B', 'a b', 'b', 'é']);
    expect(Array.from(values)).toEqual([2, 0, 2, 1, 3]);
  });

  it('need each picture to be in one', () => {
    expect(() => folderLabels('folder', ['a/1.png', '2.png'])).toThrow(/^2\.png: .* no subfolder/);
  });

  it('are at most 256', () => {
    const names = Array.from({ length: 257 }, (_, i) => `${i}/a.png`);

    expect(folderLabels('folder', names.slice(1)).classes).toHaveLength(256);
    expect(() => folderLabels('f', names)).toThrow('The folder f has 257 subfolders with pictures');
  });
});

describe('an IDX file of labels', () => {
  const LABEL_FILE = idxFile({ sizes: [4], data: LABELS.values });
  const fileOf = async (bytes: Uint8Array) => {
    const path = join(await folders.folder(), 'labels');
    await writeFile(path, bytes);
    return path;
  };

  it('is read whole, plain or gzipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1 }), fc.boolean(), async (data, gzip) => {
        const file = idxFile({ sizes: [data.length], data });
        const path = await fileOf(gzip ? gzipSync(file) : file);
        expect(Array.from(await readIdxLabels(path, data.length))).toEqual(Array.from(data));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['of too many labels', idxFile({ sizes: [5], data: new Uint8Array(5) }), /5 labels for 4 im/],
    ['of too few labels', idxFile({ sizes: [3], data: new Uint8Array(3) }), /3 labels for 4 im/],
    ['that ends early', LABEL_FILE.subarray(0, -1), /ends after 3 of the 4 labels/],
    ['that goes on', Buffer.concat([LABEL_FILE, LABEL_FILE]), /goes on after the 4 labels/],
    ['that is a bomb', gzipSync(Buffer.concat([LABEL_FILE, Buffer.alloc(2 ** 24)])), /goes on/],
    ['of images', idxFile({ sizes: [4, 1, 2], data: MOONS.images }), /this is an images file/],
    [
      'of floats',
      idxFile({ type: 13, sizes: [4], data: new Uint8Array(16) }),
      /begins with 00000d/,
    ],
    ['of anything', Buffer.from('label,image'), /not an IDX file of labels/],
    ['of nothing', Buffer.alloc(0), /too short/],
    ['that is cut', gzipSync(LABEL_FILE).subarray(0, -9), /its gzip data ends too early/],
  ])('is refused %s', async (_, bytes, problem) => {
    const reading = readIdxLabels(await fileOf(bytes), 4);

    await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toMatchObject({ hint: expect.any(String) });
  });

  it('gives classes that are named by their numbers', () => {
    expect(numberedLabels(Uint8Array.of(2, 0)).classes).toEqual(['0', '1', '2']);
  });
});

describe('a dataset with labels', () => {
  it('gives those of any examples, with the names of their classes', async () => {
    const store = await folders.store();

    const meta = await packDataset(store, { ...MOONS, labels: LABELS });

    expect(meta.labels?.classes).toEqual(LABELS.classes);
    expect(await labelsOf(store, meta)).toEqual([2, 1, 1, 0]);
    const { bytes } = await store.get(datasetKeys.labels('moons', meta.sha256));
    expect(Array.from(bytes)).toEqual([1, 0, 1, 2]);
  });

  it('may get them after it was packed without, and keeps them', async () => {
    const store = await folders.store();
    const before = await packDataset(store, MOONS);
    await expect(labelsOf(store, before)).rejects.toThrow('Dataset moons has no labels');

    const after = await packDataset(store, { ...MOONS, labels: LABELS, source: 'another' });

    expect(after).toEqual({ ...before, labels: expect.anything() });
    expect(await packDataset(store, MOONS)).toEqual(after);
    expect(await labelsOf(store, after)).toEqual([2, 1, 1, 0]);
  });

  it('gets no others under its name', async () => {
    const store = await folders.store();
    const meta = await packDataset(store, { ...MOONS, labels: LABELS });
    const other = { ...LABELS, values: Uint8Array.of(0, 0, 0, 0) };
    const renamed = { ...LABELS, classes: ['a', 'b', 'c'] };

    const packing = packDataset(store, { ...MOONS, labels: other });

    await expect(packing).rejects.toThrow('Dataset moons holds these very bytes with other labels');
    await expect(packing).rejects.toBeInstanceOf(LambduelError);
    await expect(packDataset(store, { ...MOONS, labels: renamed })).rejects.toThrow(/other names/);
    expect(await labelsOf(store, meta)).toEqual([2, 1, 1, 0]);
  });

  it('notices damage, and is repaired by packing it again', async () => {
    const store = await folders.store();
    const meta = await packDataset(store, { ...MOONS, labels: LABELS });
    for (const damage of [Uint8Array.of(0, 0, 1, 2), Uint8Array.of(1, 0, 1), new Uint8Array(4)]) {
      await store.put(datasetKeys.labels('moons', meta.sha256), damage);
      await expect(load(store, meta)).rejects.toThrow(/labels\.u8 is damaged/);
    }

    await packDataset(store, { ...MOONS, labels: LABELS });

    expect(await labelsOf(store, meta)).toEqual([2, 1, 1, 0]);
  });

  it('is damaged when its description names fewer classes than it has', async () => {
    const store = await folders.store();
    const meta = await packDataset(store, { ...MOONS, labels: LABELS });
    const labels = { ...meta.labels, classes: ['full', 'half'] };
    const key = datasetKeys.meta('moons', meta.sha256);
    await store.put(key, Buffer.from(JSON.stringify({ ...meta, labels })));

    await expect(load(store, meta)).rejects.toThrow(/labels\.u8 is damaged/);
  });

  it.each([
    ['too few', { ...LABELS, values: Uint8Array.of(1, 0, 1) }],
    ['a label without a class', { ...LABELS, classes: ['full', 'half'] }],
  ])('is not packed with %s', async (_, labels) => {
    const store = await folders.store();

    await expect(packDataset(store, { ...MOONS, labels })).rejects.toThrow(InvalidDataError);
    expect(await store.list('')).toEqual([]);
  });
});
