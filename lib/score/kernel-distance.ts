import { dot } from './dot.ts';
import type { Rows } from './patches.ts';

/** Rows of numbers, ready for `dot`. */
interface Features {
  readonly values: Float64Array;
  readonly count: number;
  readonly size: number;
}

/**
 * Kernel distance (KID) of two sets of features: the unbiased estimate of the squared maximum mean
 * discrepancy with the kernel `(x y / size + 1)^3`. It may be below zero. Binkowski et al.,
 * "Demystifying MMD GANs", 2018.
 */
export function kernelDistance(a: Rows, b: Rows): number {
  const [first, second] = [featuresOf(a), featuresOf(b)];
  return meanWithin(first) + meanWithin(second) - 2 * meanBetween(first, second);
}

function featuresOf({ values, count, size }: Rows): Features {
  return { values: Float64Array.from(values), count, size };
}

/** The mean kernel of all pairs of different rows. */
function meanWithin(rows: Features): number {
  let sum = 0;
  for (let i = 1; i < rows.count; i++) {
    for (let k = 0; k < i; k++) sum += kernel(rows, i, rows, k);
  }
  return (2 * sum) / (rows.count * (rows.count - 1));
}

function meanBetween(a: Features, b: Features): number {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let k = 0; k < b.count; k++) sum += kernel(a, i, b, k);
  }
  return sum / (a.count * b.count);
}

function kernel(a: Features, i: number, b: Features, k: number): number {
  const { size } = a;
  const value = dot(a.values, i * size, b.values, k * size, size) / size + 1;
  return value * value * value;
}
