import { describe, expect, it, vi } from 'vitest';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { packDataset } from '../../lib/data/pack.ts';
import type { Store } from '../../lib/store/store.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();

describe('A cache of datasets', () => {
  it('reads a dataset once', async () => {
    const store = await folders.store();
    const read = imagesReadFrom(store);
    const cache = new DatasetCache(store);
    const meta = await dataset(store, 1);

    const first = await cache.load(meta);
    const second = await cache.load(meta);

    expect(second).toBe(first);
    expect(read()).toEqual([1]);
  });

  it('forgets the one that was not used for longest when there are more than three', async () => {
    const store = await folders.store();
    const read = imagesReadFrom(store);
    const cache = new DatasetCache(store);
    const metas = await Promise.all([1, 2, 3, 4].map((number) => dataset(store, number)));
    const load = (number: number) => cache.load(metas[number - 1] as (typeof metas)[0]);

    for (const number of [1, 2, 3]) await load(number);
    await load(1); // used again, so that 2 is the oldest
    await load(4);
    for (const number of [1, 3, 4]) await load(number);
    await load(2);

    expect(read()).toEqual([1, 2, 3, 4, 2]);
  });
});

/** A dataset of one image with one pixel, its own number. */
async function dataset(store: Store, number: number) {
  const images = Uint8Array.of(number);
  const name = `number-${number}`;
  return packDataset(store, { name, images, examples: 1, shape: [1, 1, 1], source: 'a test' });
}

/** Which datasets' images have been read from a store, from now on. */
function imagesReadFrom(store: Store): () => number[] {
  const get = vi.spyOn(store, 'get');
  return () =>
    get.mock.calls.flatMap(([key]) => {
      const number = /number-(\d)\/.*images\.u8$/.exec(key)?.[1];
      return number ? [Number(number)] : [];
    });
}
