import { describe, expect, it } from 'vitest';
import {
  drawWithReplacement,
  normals,
  StreamTag,
  streamKey,
  uniforms,
} from '../../lib/numeric/random.ts';

// The numbers are the same in each run, so that no bound here is left to chance. The bounds are
// four standard errors of the statistic.
const COUNT = 100_000;
const stream = streamKey(20_240_229, StreamTag.noise, 1);

describe('100,000 normal numbers', () => {
  const values = normals(stream, 0, COUNT / 100, 100);

  it.each([
    { power: 1, expected: 0, variance: 1 },
    { power: 2, expected: 1, variance: 2 },
    { power: 3, expected: 0, variance: 15 },
    { power: 4, expected: 3, variance: 96 },
  ])('have the moment $power of the normal distribution', ({ power, expected, variance }) => {
    const moment = meanOf(values, (value) => value ** power);
    expect(Math.abs(moment - expected)).toBeLessThan(4 * Math.sqrt(variance / COUNT));
  });

  it('have no correlation within pairs or between neighbours', () => {
    for (const lag of [1, 2, 100]) {
      const product = meanOf(values, (value, i) => value * (values[(i + lag) % COUNT] as number));
      expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(COUNT));
    }
  });

  it('reach into the tails: a few beyond four deviations, all finite', () => {
    const far = values.filter((value) => Math.abs(value) > 4).length;
    expect(far).toBeGreaterThan(0);
    expect(far).toBeLessThan(20); // 6.3 are expected
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

it('multiplies normal numbers by the deviation before it rounds them', () => {
  const deviation = 1 / 784;
  const unit = normals(stream, 0, 1, 1000);
  const scaled = normals(stream, 0, 1, 1000, deviation);
  scaled.forEach((value, i) => {
    expect(Math.abs(value - (unit[i] as number) * deviation)).toBeLessThanOrEqual(
      Math.abs(value) * 2 ** -23,
    );
  });
  expect(scaled.some((value, i) => value !== Math.fround((unit[i] as number) * deviation))).toBe(
    true, // rounding twice would give other bits
  );
});

it('spreads uniform numbers evenly over [0, 1)', () => {
  const values = uniforms(stream, 0, COUNT / 10, 10);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(chiSquare([...values].map((value) => Math.floor(value * 100)))).toBeLessThan(LIMIT_99);
});

it('draws each of 100 examples about as often as any other', () => {
  const drawn = drawWithReplacement(stream, 0, COUNT, 100);
  expect(Math.max(...drawn)).toBe(99);
  expect(Math.min(...drawn)).toBe(0);
  expect(chiSquare([...drawn])).toBeLessThan(LIMIT_99);
});

it('draws with replacement: some example comes twice in a batch', () => {
  const drawn = drawWithReplacement(stream, 0, 128, 1000);
  expect(new Set(drawn).size).toBeLessThan(128);
});

/** Four standard deviations above the mean of chi-square with 99 degrees of freedom. */
const LIMIT_99 = 99 + 4 * Math.sqrt(2 * 99);

function chiSquare(classes: readonly number[]): number {
  const counts = new Array<number>(100).fill(0);
  for (const value of classes) counts[value] = (counts[value] as number) + 1;
  const expected = classes.length / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function meanOf(values: Float32Array, of: (value: number, i: number) => number): number {
  let sum = 0;
  values.forEach((value, i) => {
    sum += of(value, i);
  });
  return sum / values.length;
}
