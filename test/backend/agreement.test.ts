import { expect, it } from 'vitest';
import { agree } from '../../lib/backend/agreement.ts';

const of = (gradient: number[], cost = 1) => ({
  statistics: { cost, other: 1e-9 },
  gradient: Float32Array.from(gradient),
});
const SIZES = [2, 3];

it.each([
  ['equal', [1, 2, 0.1, 0.2, 0.3], 1, true],
  ['rounding of a tensor, against its largest number', [1, 2.0001, 0.1, 0.2, 0.3], 1, true],
  ['more than rounding in the first tensor', [1.001, 2, 0.1, 0.2, 0.3], 1, false],
  ['more than rounding in a smaller tensor', [1, 2, 0.1, 0.2, 0.3001], 1, false],
  ['rounding of the loss', [1, 2, 0.1, 0.2, 0.3], 1.00009, true],
  ['another loss', [1, 2, 0.1, 0.2, 0.3], 1.001, false],
  ['a loss that is not finite', [1, 2, 0.1, 0.2, 0.3], Number.NaN, false],
  ['a number that is not finite', [1, 2, 0.1, 0.2, Number.POSITIVE_INFINITY], 1, false],
])('%s', (_what, gradient, cost, expected) => {
  expect(agree(of([1, 2, 0.1, 0.2, 0.3]), of(gradient, cost), SIZES, 1e-4)).toBe(expected);
});

it('numbers that are not finite agree with themselves', () => {
  const diverged = of([Number.NaN, Number.POSITIVE_INFINITY, 0, 0, 0], Number.NaN);
  expect(agree(diverged, diverged, SIZES, 1e-4)).toBe(true);
});

it('a tensor whose gradient is rounding only is not compared with itself', () => {
  expect(agree(of([1, 2, 1e-8, -1e-8, 0]), of([1, 2, 0, 1e-8, 1e-8]), SIZES, 1e-4)).toBe(true);
});
