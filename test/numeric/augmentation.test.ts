import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmentationNames, drawAugmentations } from '../../lib/numeric/augmentation.ts';
import { coinTosses, StreamTag, streamKey } from '../../lib/numeric/random.ts';
import { augmentationReference } from './reference-augmentation.ts';
import { streamReference } from './reference-random.ts';

const [SEED, STEP] = [2 ** 35 + 3, 7];
const stream = streamKey(SEED, StreamTag.augmentation, STEP);
const shapes = [
  [28, 28, 1],
  [32, 32, 3],
  [64, 64, 3],
  [9, 30, 1],
] as const;
const both = ['real', 'fake'] as const;

const drawn = (
  first: number,
  examples: number,
  images: Parameters<typeof drawAugmentations>[3],
): Record<string, number[]> =>
  Object.fromEntries(
    drawAugmentations(stream, first, examples, images).map(([name, values]) => [name, [...values]]),
  );

describe.each(both.flatMap((kind) => shapes.map((shape) => ({ kind, shape }))))(
  'numbers for $kind images of $shape',
  ({ kind, shape }) => {
    it("are those of the design's table", () => {
      const key = streamReference(SEED, 7, STEP);
      const rows = Array.from({ length: 40 }, (_, i) =>
        augmentationReference(key, 90 + i, kind, shape),
      );
      expect(drawn(90, 40, { kind, names: augmentationNames, shape })).toEqual({
        color: rows.flatMap(({ color }) => color.map(Math.fround)),
        translation: rows.flatMap(({ translation }) => translation),
        cutout: rows.flatMap(({ cutout }) => cutout),
      });
    });

    it("fill the paper's ranges, and leave none out", () => {
      const examples = 4000;
      const { color = [], ...whole } = drawn(0, examples, {
        kind,
        names: augmentationNames,
        shape,
      });
      const ranges = [
        [-0.25, 0.25],
        [0, 2],
        [0.5, 1.5],
      ] as const;
      for (const [i, [low, high]] of ranges.entries()) {
        const values = color.filter((_, at) => at % 3 === i);
        const width = high - low;
        expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
        expect(Math.max(...values)).toBeLessThanOrEqual(high);
        expect(Math.min(...values)).toBeLessThan(low + 0.01 * width);
        expect(Math.max(...values)).toBeGreaterThan(high - 0.01 * width);
      }
      for (const axis of [0, 1] as const) {
        const side = shape[axis];
        const most = Math.round(side / 8);
        const square = Math.round(side / 2);
        const begin = -Math.floor(square / 2);
        const of = (name: string) => new Set(whole[name]?.filter((_, at) => at % 2 === axis));
        expect(of('translation')).toEqual(upTo(-most, most));
        expect(of('cutout')).toEqual(upTo(begin, begin + side - (square % 2)));
      }
    });
  },
);

it('are the same however a batch is cut, and whichever other augmentations there are', () => {
  const some = fc.subarray([...augmentationNames], { minLength: 1 });
  fc.assert(
    fc.property(fc.nat(30), fc.nat(30), fc.constantFrom(...both), some, (a, b, kind, names) => {
      const shape = [28, 28, 1] as const;
      const whole = drawn(0, a + b, { kind, names: augmentationNames, shape });
      const [left, right] = [
        drawn(0, a, { kind, names, shape }),
        drawn(a, b, { kind, names, shape }),
      ];
      expect(Object.keys(left)).toEqual(names);
      for (const name of names) {
        expect([...(left[name] ?? []), ...(right[name] ?? [])]).toEqual(whole[name]);
      }
    }),
  );
});

it('are others for reals and for fakes, and in each step, and have nothing to do with mirroring', () => {
  const examples = 2000;
  const images = { names: ['color'], shape: [28, 28, 1] } as const;
  const brightness = (kind: 'real' | 'fake', step: number) => {
    const key = streamKey(SEED, StreamTag.augmentation, step);
    const [color] = drawAugmentations(key, 0, examples, { ...images, kind });
    return [...(color?.[1] ?? [])].filter((_, at) => at % 3 === 0);
  };
  const mirrored = coinTosses(stream, 0, examples).map((toss) => (toss ? 1 : -1));
  const series = [brightness('real', STEP), brightness('fake', STEP), brightness('real', STEP + 1)];
  for (const [i, a] of [...series, mirrored].entries()) {
    for (const b of series.slice(i + 1)) expect(Math.abs(correlation(a, b))).toBeLessThan(0.1);
  }
  for (const a of series) expect(Math.abs(correlation(a, mirrored))).toBeLessThan(0.1);
});

it('are none where no augmentation is asked for', () => {
  expect(drawAugmentations(stream, 0, 5, { kind: 'real', names: [], shape: [28, 28] })).toEqual([]);
});

function upTo(low: number, high: number): Set<number> {
  return new Set(Array.from({ length: high - low + 1 }, (_, i) => low + i || 0));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
