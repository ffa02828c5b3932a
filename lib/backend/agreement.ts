import type { ShardGradient } from './gradient.ts';

/** Smaller differences are rounding. */
const ROUNDING = 1e-6;

/** A share of the largest number of the whole gradient, for sums that cancel to rounding errors. */
const CANCELLED = 1e-5;

/**
 * Whether two computations of one gradient are the same but for rounding: the loss and every
 * statistic by itself, and the gradient tensor by tensor, each against its largest number. A tensor
 * whose gradient is mathematically zero, such as that of a bias before a normalisation, is nothing
 * but rounding, so the whole gradient's scale counts a little as well.
 *
 * @param sizes of the network's tensors, in the gradient's order
 * @param tolerance relative, such as 1e-4
 */
export function agree(
  a: ShardGradient,
  b: ShardGradient,
  sizes: readonly number[],
  tolerance: number,
): boolean {
  const names = Object.keys(a.statistics);
  const statisticsAgree = names.every((name) =>
    near([a.statistics[name] ?? 0], [b.statistics[name] ?? 0], tolerance, ROUNDING),
  );
  if (!statisticsAgree) return false;
  const rounding = CANCELLED * largest(a.gradient);
  let offset = 0;
  return sizes.every((size) => {
    const [from, to] = [offset, offset + size];
    offset = to;
    return near(a.gradient.subarray(from, to), b.gradient.subarray(from, to), tolerance, rounding);
  });
}

function near(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  tolerance: number,
  absolute: number,
): boolean {
  const allowed = tolerance * largest(a) + absolute;
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i] as number, b[i] as number];
    // Values that are not finite agree only with the same value. Divergence is reported elsewhere.
    if (!Object.is(one, other) && !(Math.abs(one - other) <= allowed)) return false;
  }
  return true;
}

/** The largest finite absolute value. */
function largest(values: ArrayLike<number>): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) {
    const value = Math.abs(values[i] as number);
    if (value > max && Number.isFinite(value)) max = value;
  }
  return max;
}
