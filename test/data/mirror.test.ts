import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DatasetCache } from '../../lib/data/dataset.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { coinTosses, StreamTag, streamKey } from '../../lib/numeric/random.ts';
import { threefry2x32 } from '../../lib/numeric/threefry.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
const COLOURS = {
  name: 'colours',
  images: Uint8Array.from({ length: 2 * 2 * 3 * 3 }, (_, i) => i * 5),
  examples: 2,
  shape: [2, 3, 3],
  source: 'a test',
} as const;

describe('images that are mirrored', () => {
  it('have left and right swapped in each row, and their colours as they were', async () => {
    const store = await folders.store();
    const meta = await packDataset(store, { ...COLOURS, mirror: true });
    expect(meta.mirror).toBe(true);
    const dataset = await new DatasetCache(store).load(meta);

    const gathered = dataset.gather(Uint32Array.of(1, 0, 1), [false, true, true]);

    const bytes = Array.from(gathered, (value) => Math.round(255 * value));
    const image = (example: number) =>
      Array.from(COLOURS.images.subarray(18 * example, 18 * (example + 1)));
    const pixel = (values: number[], row: number, column: number) =>
      values.slice(9 * row + 3 * column, 9 * row + 3 * column + 3);
    const mirrored = (values: number[]) =>
      [0, 1].flatMap((row) => [2, 1, 0].flatMap((column) => pixel(values, row, column)));
    expect(bytes).toEqual([...image(1), ...mirrored(image(0)), ...mirrored(image(1))]);
  });

  it('are a matter of the dataset: the same images are not packed both ways under one name', async () => {
    const store = await folders.store();
    await packDataset(store, { ...COLOURS, mirror: true });

    await expect(packDataset(store, COLOURS)).rejects.toThrow(/these very bytes with --mirror/);
    await packDataset(store, { ...COLOURS, name: 'other' });
    const again = packDataset(store, { ...COLOURS, name: 'other', mirror: true });
    await expect(again).rejects.toThrow(/these very bytes without --mirror/);
  });
});

describe('which examples are mirrored', () => {
  const stream = streamKey(7, StreamTag.augmentation, 12);

  it('is said by stream 7: by the first word of block 0 of the global example', () => {
    const expected = Array.from(
      { length: 50 },
      (_, e) => threefry2x32(stream, [e, 0])[0] < 2 ** 31,
    );

    expect(StreamTag.augmentation).toBe(7);
    expect(coinTosses(stream, 0, 50)).toEqual(expected);
  });

  it('is the same however a batch is cut into shards', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), (a, b) => {
        const whole = coinTosses(stream, 0, a + b);
        expect([...coinTosses(stream, 0, a), ...coinTosses(stream, a, b)]).toEqual(whole);
      }),
    );
  });

  it('is about half of them, others in each step', () => {
    const [first, second] = [12, 13].map((step) =>
      coinTosses(streamKey(7, StreamTag.augmentation, step), 0, 2000),
    );

    expect(first?.filter(Boolean).length).toBeGreaterThan(900);
    expect(first?.filter(Boolean).length).toBeLessThan(1100);
    expect(first).not.toEqual(second);
  });
});
