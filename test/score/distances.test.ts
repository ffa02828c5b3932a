import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normals } from '../../lib/numeric/random.ts';
import { classScores } from '../../lib/score/classes.ts';
import { frechetDistance } from '../../lib/score/frechet.ts';
import type { ImageSet } from '../../lib/score/images.ts';
import { kernelDistance } from '../../lib/score/kernel-distance.ts';
import { nearestDistances } from '../../lib/score/nearest.ts';
import type { Rows } from '../../lib/score/patches.ts';
import { slicedWasserstein } from '../../lib/score/sliced-wasserstein.ts';

function rows(count: number, size: number, seed: number, shift = 0): Rows {
  const values = normals([seed, 1], 0, count, size).map(
    (value, i) => value * (1 + (i % size)) + shift,
  );
  return { values, count, size };
}

function images(count: number, seed: number, shape: ImageSet['shape'] = [28, 28, 1]): ImageSet {
  const [height, width, channels] = shape;
  const values = normals([seed, 2], 0, count, height * width * channels).map(
    (value) => 1 / (1 + Math.exp(-value)),
  );
  return { values, count, shape };
}

describe('the Frechet distance', () => {
  test('of one number is that of the means and of the deviations, squared', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.nat(), (count, seed) => {
        const [a, b] = [rows(count, 1, seed), rows(count + 3, 1, seed + 1, 2)];
        const of = ({ values }: Rows) => {
          const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
          const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
          return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
        };
        const [x, y] = [of(a), of(b)];
        const expected = (x.mean - y.mean) ** 2 + (x.deviation - y.deviation) ** 2;
        expect(frechetDistance(a, b)).toBeCloseTo(expected, 5);
      }),
    );
  });

  test('of a set to itself is none', () => {
    expect(frechetDistance(rows(40, 8, 3), rows(40, 8, 3))).toBeCloseTo(0, 6);
  });
});

const PYTHON = `
import json, sys
import numpy as np
from scipy import linalg
a, b = (np.array(rows) for rows in json.load(sys.stdin))
root = linalg.sqrtm(np.cov(a.T) @ np.cov(b.T)).real
frechet = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(np.cov(a.T) + np.cov(b.T) - 2 * root)
k = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
off = lambda m: (m.sum() - np.trace(m)) / (len(m) * (len(m) - 1))
print(json.dumps([frechet, off(k(a, a)) + off(k(b, b)) - 2 * k(a, b).mean()]))
`;
const hasScipy = spawnSync('python3', ['-c', 'import numpy, scipy.linalg']).status === 0;

test.skipIf(!hasScipy)('Frechet and kernel distance are those of numpy and scipy', () => {
  const [a, b] = [rows(120, 6, 11), rows(90, 6, 12, 0.5)];
  const nested = [a, b].map(({ values, count, size }) =>
    Array.from({ length: count }, (_, i) => [...values.subarray(i * size, (i + 1) * size)]),
  );
  const { stdout } = spawnSync('python3', ['-c', PYTHON], { input: JSON.stringify(nested) });
  const [frechet, kid] = JSON.parse(stdout.toString()) as [number, number];
  expect(frechetDistance(a, b) / frechet).toBeCloseTo(1, 6);
  expect(kernelDistance(a, b) / kid).toBeCloseTo(1, 6);
});

test('the kernel distance is the unbiased estimate, pair by pair', () => {
  const [a, b] = [rows(5, 3, 1), rows(4, 3, 2, 1)];
  const row = ({ values, size }: Rows, i: number) => values.subarray(i * size, (i + 1) * size);
  const kernel = (x: Float32Array, y: Float32Array) =>
    (x.reduce((sum, value, i) => sum + value * (y[i] ?? NaN), 0) / 3 + 1) ** 3;
  const mean = (x: Rows, y: Rows, counts: (i: number, k: number) => boolean) => {
    const pairs: number[] = [];
    for (let i = 0; i < x.count; i++) {
      for (let k = 0; k < y.count; k++) if (counts(i, k)) pairs.push(kernel(row(x, i), row(y, k)));
    }
    return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  };
  const others = (i: number, k: number) => i !== k;
  const expected = mean(a, a, others) + mean(b, b, others) - 2 * mean(a, b, () => true);
  expect(kernelDistance(a, b)).toBeCloseTo(expected, 6);
});

describe('the sliced Wasserstein distance', () => {
  test.each([[[28, 28, 1]], [[32, 32, 3]]] as const)(
    'of images of %j to themselves is none',
    (shape) => {
      expect(slicedWasserstein(images(6, 1, shape), images(6, 1, shape))).toBe(0);
    },
  );

  test('is small between sets of one kind, and larger to others', () => {
    const same = slicedWasserstein(images(30, 1), images(30, 2));
    const flat: ImageSet = { ...images(30, 3), values: new Float32Array(30 * 784).fill(0.5) };
    expect(same).toBeGreaterThan(0);
    expect(slicedWasserstein(images(30, 1), flat)).toBeGreaterThan(10 * same);
  });

  test.each([[[1, 2, 1]], [[3, 40, 3]], [[9, 5, 1]]] as const)(
    'is of whole rows or columns, if images are smaller than a patch: %j',
    (shape) => {
      const [a, b] = [images(30, 1, shape), images(30, 2, shape)];
      const flat: ImageSet = { ...b, values: b.values.map(() => 0.5) };
      expect(slicedWasserstein(a, a)).toBe(0);
      expect(slicedWasserstein(a, b)).toBeGreaterThan(0);
      expect(slicedWasserstein(a, flat)).toBeGreaterThan(2 * slicedWasserstein(a, b));
    },
  );
});

test('the nearest image is found, and one that is the very same can be left out', () => {
  const all = images(12, 5);
  expect([...nearestDistances(all, all)]).toEqual(new Array(12).fill(0));
  const distances = nearestDistances(all, all, (i, k) => i === k);
  const slow = Array.from({ length: 12 }, (_, i) => {
    const to = Array.from({ length: 12 }, (_, k) =>
      i === k
        ? Infinity
        : Array.from(
            { length: 784 },
            (_, at) => (all.values[i * 784 + at] ?? 0) - (all.values[k * 784 + at] ?? 0),
          ).reduce((sum, difference) => sum + difference ** 2, 0),
    );
    return Math.sqrt(Math.min(...to) / 784);
  });
  distances.forEach((distance, i) => void expect(distance).toBeCloseTo(slow[i] ?? NaN, 10));
});

test('a class is covered by 2% of the images, and confidence is the mean of the best', () => {
  const values = Float32Array.from({ length: 300 }, (_, i) => {
    const row = Math.floor(i / 3);
    const best = row < 2 ? 2 : row < 3 ? 1 : 0;
    return i % 3 === best ? 0.5 : 0.25;
  });
  const scores = classScores({ values, count: 100, size: 3 });
  expect(scores.coverage).toBe(2);
  expect(scores.confidence).toBeCloseTo(0.5, 10);
});
