import type { Rows } from './patches.ts';

/**
 * Kernel distance (KID) of two sets of features: the unbiased estimate of the squared maximum mean
 * discrepancy with the kernel `(x y / size + 1)^3`. It may be below zero. Binkowski et al.,
 * "Demystifying MMD GANs", 2018.
 */
export function kernelDistance(a: Rows, b: Rows): number {
  const within = (rows: Rows) => {
    const all = kernelSum(rows, rows);
    return (all - diagonal(rows)) / (rows.count * (rows.count - 1));
  };
  return within(a) + within(b) - (2 * kernelSum(a, b)) / (a.count * b.count);
}

function kernelSum(a: Rows, b: Rows): number {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let k = 0; k < b.count; k++) sum += kernel(a, i, b, k);
  }
  return sum;
}

function diagonal(rows: Rows): number {
  let sum = 0;
  for (let i = 0; i < rows.count; i++) sum += kernel(rows, i, rows, i);
  return sum;
}

function kernel(a: Rows, i: number, b: Rows, k: number): number {
  const { size } = a;
  let product = 0;
  for (let at = 0; at < size; at++) {
    product += (a.values[i * size + at] as number) * (b.values[k * size + at] as number);
  }
  return (product / size + 1) ** 3;
}
