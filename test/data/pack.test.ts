import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { datasetKeys, readDatasetMeta } from '../../lib/data/dataset-meta.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { InvalidDataError, LambduelError, UsageError } from '../../lib/errors.ts';
import { exampleValues } from '../../lib/program/example-shape.ts';
import { ObjectExistsError } from '../../lib/store/store.ts';
import { sha256 } from '../../lib/wire/checksum.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
const MOONS = {
  name: 'moons',
  images: Uint8Array.from({ length: 24 }, (_, i) => i * 10),
  examples: 4,
  shape: [2, 3, 1],
  source: 'a test',
} as const;

describe('packDataset', () => {
  it('packs what a worker gathers again, pixel by pixel, for any images and indices', async () => {
    const store = await folders.store();
    const cases = fc
      .record({
        examples: fc.integer({ min: 1, max: 6 }),
        rows: fc.integer({ min: 1, max: 5 }),
        columns: fc.integer({ min: 1, max: 5 }),
        channels: fc.constantFrom(1, 3),
      })
      .chain(({ examples, rows, columns, channels }) => {
        const size = examples * rows * columns * channels;
        return fc.record({
          examples: fc.constant(examples),
          shape: fc.constant([rows, columns, channels] as const),
          images: fc.uint8Array({ minLength: size, maxLength: size }),
          indices: fc.array(fc.nat(examples - 1), { maxLength: 8 }),
          // One name an example's form, so that the same bytes never come in two forms.
          name: fc.constant(`a-${examples}-${rows}-${columns}-${channels}`),
        });
      });
    await fc.assert(
      fc.asyncProperty(cases, async ({ indices, ...images }) => {
        const { name, sha256: hash } = await packDataset(store, { ...images, source: 'a test' });

        const reference = { name, sha256: hash, examples: images.examples };
        const dataset = await new DatasetCache(store).load(reference);
        const values = dataset.gather(Uint32Array.from(indices));

        const size = exampleValues(images.shape);
        const expected = indices.flatMap((index) =>
          Array.from(images.images.subarray(index * size, (index + 1) * size), (v) =>
            Math.fround(v / 255),
          ),
        );
        expect(Array.from(values)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('describes the dataset under the checksum of its bytes', async () => {
    const store = await folders.store();

    const meta = await packDataset(store, MOONS);

    const { images, ...rest } = MOONS;
    expect(meta).toEqual({ format: 1, ...rest, sha256: sha256(images) });
    expect(await readDatasetMeta(store, 'moons', meta.sha256)).toEqual(meta);
  });

  it('takes the same content again and keeps the first description', async () => {
    const store = await folders.store();
    const first = await packDataset(store, MOONS);

    const second = await packDataset(store, { ...MOONS, source: 'another source' });

    expect(second).toEqual(first);
  });

  it('packs the same content from several importers at once without an error', async () => {
    const store = await folders.store();

    const metas = await Promise.all(Array.from({ length: 8 }, () => packDataset(store, MOONS)));

    expect(new Set(metas.map((meta) => JSON.stringify(meta))).size).toBe(1);
    expect((await store.list('datasets/')).length).toBe(2);
  });

  it('writes the description last, so that an import that dies before leaves no dataset', async () => {
    const store = await folders.store();
    const written: string[] = [];
    const recording = Object.assign(Object.create(store), {
      get: (key: string) => store.get(key),
      create: (key: string, bytes: Uint8Array) => {
        written.push(key);
        return store.create(key, bytes);
      },
    });

    await packDataset(recording, MOONS);

    const hash = sha256(MOONS.images);
    expect(written).toEqual([datasetKeys.images('moons', hash), datasetKeys.meta('moons', hash)]);
  });

  it('completes an interrupted import', async () => {
    const store = await folders.store();
    const hash = sha256(MOONS.images);
    await store.create(datasetKeys.images('moons', hash), MOONS.images);

    const meta = await packDataset(store, MOONS);

    expect(await readDatasetMeta(store, 'moons', hash)).toEqual(meta);
  });

  it('repairs images that have been damaged since', async () => {
    const store = await folders.store();
    const { sha256: hash } = await packDataset(store, MOONS);
    await store.put(datasetKeys.images('moons', hash), new Uint8Array(24));
    const reference = { name: 'moons', sha256: hash, examples: 4 };
    await expect(new DatasetCache(store).load(reference)).rejects.toThrow(InvalidDataError);

    await packDataset(store, MOONS);

    expect((await new DatasetCache(store).load(reference)).examples).toBe(4);
  });

  it('does not take the same bytes in another form under the same name', async () => {
    const store = await folders.store();
    await packDataset(store, MOONS);

    const again = packDataset(store, { ...MOONS, shape: [3, 2, 1] });

    await expect(again).rejects.toThrow(/images of 2 x 3 pixels, not 3 x 2/);
    await expect(again).rejects.toBeInstanceOf(LambduelError);
    await expect(again).rejects.not.toBeInstanceOf(ObjectExistsError);
  });

  it.each(['', 'Moons', '-moons', 'mo_ons', 'mo/ons', '..', 'moons ', 'm'.repeat(65), 'mоons'])(
    'refuses the name %j and writes nothing',
    async (name) => {
      const store = await folders.store();

      const packing = packDataset(store, { ...MOONS, name });

      await expect(packing).rejects.toMatchObject({ exitCode: 2, hint: expect.any(String) });
      await expect(packing).rejects.toBeInstanceOf(UsageError);
      expect(await readdir(store.root)).not.toContain('datasets');
    },
  );

  it.each([
    ['too few bytes', { examples: 5 }],
    ['too many bytes', { examples: 3 }],
    ['no examples', { examples: 0, images: new Uint8Array(0) }],
    ['no columns', { shape: [2, 0, 1] as const, images: new Uint8Array(0) }],
    ['too many rows', { shape: [4097, 1, 1] as const, examples: 1, images: new Uint8Array(4097) }],
  ])('refuses images of %s', async (_, change) => {
    const store = await folders.store();

    const packing = packDataset(store, { ...MOONS, ...change });

    await expect(packing).rejects.toBeInstanceOf(InvalidDataError);
    expect(await store.list('datasets/')).toEqual([]);
  });

  it('reads a description that says no channels as that of grey images', async () => {
    const store = await folders.store();
    const { sha256: hash } = await packDataset(store, MOONS);
    const path = join(store.root, datasetKeys.meta('moons', hash));
    const meta = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...meta, shape: [2, 3] }));

    expect((await readDatasetMeta(store, 'moons', hash)).shape).toEqual([2, 3, 1]);
    expect((await packDataset(store, MOONS)).shape).toEqual([2, 3, 1]);
    const dataset = await new DatasetCache(store).load({ ...meta, sha256: hash });
    expect(dataset.exampleSize).toBe(6);
  });

  it.each([[[2, 3, 2]], [[2, 3, 4]], [[2]], [[2, 3, 1, 1]], [[0, 3, 1]]])(
    'refuses a description of images of the shape %j',
    async (shape) => {
      const store = await folders.store();
      const { sha256: hash } = await packDataset(store, MOONS);
      const path = join(store.root, datasetKeys.meta('moons', hash));
      const meta = JSON.parse(await readFile(path, 'utf8'));
      await writeFile(path, JSON.stringify({ ...meta, shape }));

      await expect(readDatasetMeta(store, 'moons', hash)).rejects.toBeInstanceOf(InvalidDataError);
    },
  );

  it('does not overwrite a description that it cannot read', async () => {
    const store = await folders.store();
    const { sha256: hash } = await packDataset(store, MOONS);
    const path = join(store.root, datasetKeys.meta('moons', hash));
    await rm(path);
    await writeFile(path, '{"format":2}');

    await expect(packDataset(store, MOONS)).rejects.toBeInstanceOf(InvalidDataError);
  });
});
