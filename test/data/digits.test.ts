import { beforeAll, describe, expect, it } from 'vitest';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { datasetKeys } from '../../lib/data/dataset-meta.ts';
import { ensureDigits } from '../../lib/data/digits.ts';
import { findDataset, listDatasets } from '../../lib/data/list.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import type { DiskStore } from '../../lib/store/disk.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
/** How often each digit is among the first 10,000 training images of MNIST. */
const COUNTS = [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978];
const PIXELS = 784;

let store: DiskStore;
let images: Uint8Array;

beforeAll(async () => {
  store = await folders.store();
  const { name, sha256 } = await ensureDigits(store);
  images = (await store.get(datasetKeys.images(name, sha256))).bytes;
});

describe('the built-in digits', () => {
  it('are 10,000 images of 28 x 28 pixels, which say where they come from', async () => {
    const [meta, ...others] = await listDatasets(store);

    expect(others).toEqual([]);
    expect(meta).toMatchObject({ name: 'digits', examples: 10_000, shape: [28, 28, 1] });
    expect(meta?.source).toMatch(/MNIST/);
    expect(images.length).toBe(10_000 * PIXELS);
  });

  it('have the pixels of MNIST: the first 5 is its first training image', () => {
    const first5 = COUNTS.slice(0, 5).reduce((sum, count) => sum + count, 0);
    const topRow = images.subarray(first5 * PIXELS + 5 * 28, first5 * PIXELS + 6 * 28);

    // As printed in many introductions to MNIST.
    const strokes = [3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127];
    expect(Array.from(topRow)).toEqual([...Array(12).fill(0), ...strokes, 0, 0, 0, 0]);
  });

  it('are in order, each digit as often as in MNIST: the nearest mean image tells most apart', () => {
    const labels = COUNTS.flatMap((count, digit) => Array<number>(count).fill(digit));
    const means = meanImages(labels);

    // Every seventh one, so that the check is quick.
    let right = 0;
    let tried = 0;
    for (let example = 0; example < labels.length; example += 7, tried++) {
      if (nearest(means, example) === labels[example]) right++;
    }

    // 82% is what this classifier reaches on MNIST; digits out of order would lower it.
    expect(right / tried).toBeGreaterThan(0.78);
  });

  it('change class exactly where the counts say', () => {
    const labels = COUNTS.flatMap((count, digit) => Array<number>(count).fill(digit));
    const means = meanImages(labels);
    let start = 0;
    for (const [digit, count] of COUNTS.entries()) {
      // Of the first and last twenty of a digit, most are nearest to its mean.
      for (const from of [start, start + count - 20]) {
        const votes = Array.from({ length: 20 }, (_, i) => nearest(means, from + i));
        expect(votes.filter((vote) => vote === digit).length, `digit ${digit}`).toBeGreaterThan(10);
      }
      start += count;
    }
    expect(start).toBe(10_000);
  });

  it('have their labels, which a store of an earlier version gets when they are asked for', async () => {
    const fresh = await folders.store();
    const { sha256 } = await ensureDigits(fresh, async () => images);
    const key = datasetKeys.meta('digits', sha256);
    const { labels, ...before } = JSON.parse(Buffer.from((await fresh.get(key)).bytes).toString());
    await fresh.put(key, Buffer.from(JSON.stringify(before)));
    await fresh.remove([datasetKeys.labels('digits', sha256)]);

    const metas = await Promise.all([1, 2, 3].map(() => ensureDigits(fresh, async () => images)));

    for (const meta of metas) expect(meta).toEqual({ ...before, labels });
    const dataset = await new DatasetCache(fresh).load(await findDataset(fresh, 'digits'));
    const all = Uint32Array.from({ length: 10_000 }, (_, i) => i);
    const expected = COUNTS.flatMap((count, digit) => Array<number>(count).fill(digit));
    expect(Array.from(dataset.gatherLabels(all))).toEqual(expected);
    expect(labels.classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('are read from the package once a store, and never again', async () => {
    let reads = 0;
    const read = async (): Promise<Uint8Array> => {
      reads++;
      return images;
    };
    const fresh = await folders.store();

    const first = await ensureDigits(fresh, read);
    const second = await ensureDigits(fresh, read);

    expect(second).toEqual(first);
    expect(reads).toBe(1);
  });

  it('cost a later start one small read', async () => {
    const read: string[] = [];
    const recording = Object.assign(Object.create(store), {
      get: (key: string) => {
        read.push(key);
        return store.get(key);
      },
    });

    await ensureDigits(recording);

    expect(read).toEqual([expect.stringMatching(/meta\.json$/)]);
  });

  it('are packed when they are asked for by name, and can be trained on', async () => {
    const fresh = await folders.store();

    const reference = await findDataset(fresh, 'digits');

    expect(reference.examples).toBe(10_000);
    const dataset = await new DatasetCache(fresh).load(reference);
    expect(dataset.gather(Uint32Array.of(9_999)).some((value) => value > 0.9)).toBe(true);
  });

  it('stay the built-in ones when a store holds others of that name', async () => {
    const fresh = await folders.store();
    await ensureDigits(fresh, async () => images);
    const { sha256 } = await findDataset(fresh, 'digits');
    const { bytes } = await fresh.get(datasetKeys.meta('digits', sha256));
    await fresh.create(datasetKeys.meta('digits', 'c'.repeat(64)), bytes);

    expect((await findDataset(fresh, 'digits')).sha256).toBe(sha256);
    expect((await findDataset(fresh, `digits@${sha256.slice(0, 6)}`)).sha256).toBe(sha256);
  });

  it('are refused when the package holds anything else', async () => {
    const fresh = await folders.store();
    const changed = Uint8Array.from(images);
    changed[400] = 7;

    const ensuring = ensureDigits(fresh, async () => changed);

    await expect(ensuring).rejects.toBeInstanceOf(InvalidDataError);
    await expect(ensuring).rejects.toMatchObject({ hint: expect.stringContaining('npm ci') });
    expect(await listDatasets(fresh)).toEqual([]);
  });
});

function meanImages(labels: readonly number[]): Float64Array[] {
  const means = COUNTS.map(() => new Float64Array(PIXELS));
  labels.forEach((label, example) => {
    const mean = means[label] as Float64Array;
    for (let i = 0; i < PIXELS; i++) {
      mean[i] = (mean[i] as number) + (images[example * PIXELS + i] as number) / COUNTS[label]!;
    }
  });
  return means;
}

function nearest(means: readonly Float64Array[], example: number): number {
  const distances = means.map((mean) => {
    let sum = 0;
    for (let i = 0; i < PIXELS; i++) {
      sum += ((mean[i] as number) - (images[example * PIXELS + i] as number)) ** 2;
    }
    return sum;
  });
  return distances.indexOf(Math.min(...distances));
}
