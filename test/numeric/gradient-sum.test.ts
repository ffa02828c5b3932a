import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addFloats,
  GradientSum,
  NonFiniteError,
  type Summand,
} from '../../lib/numeric/gradient-sum.ts';

const LENGTH = 5;
const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });

/** Shards' sizes and gradients, and two orders for them to arrive in. */
const round = fc.integer({ min: 1, max: 8 }).chain((shards) => {
  const numbers = Array.from({ length: shards }, (_, i) => i);
  const all = { minLength: shards, maxLength: shards };
  return fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 64 }), all),
    gradients: fc.array(
      fc
        .array(value, { minLength: LENGTH, maxLength: LENGTH })
        .map((values) => Float32Array.from(values)),
      all,
    ),
    order: fc.shuffledSubarray(numbers, all),
    otherOrder: fc.shuffledSubarray(numbers, all),
  });
});

function sumIn(order: readonly number[], sizes: number[], gradients: Float32Array[]): GradientSum {
  const sum = new GradientSum(new Float64Array(LENGTH), sizes);
  for (const shard of order) sum.add(shard, summandOf(gradients[shard] as Float32Array));
  return sum;
}

it('gives the same bits in whatever order the shards arrive', () => {
  fc.assert(
    fc.property(round, ({ sizes, gradients, order, otherOrder }) => {
      const one = sumIn(order, sizes, gradients);
      const other = sumIn(otherOrder, sizes, gradients);
      expect(bitsOf(one.sum)).toEqual(bitsOf(other.sum));
    }),
  );
});

it('is the float64 sum in shard order, each gradient weighted by its size', () => {
  fc.assert(
    fc.property(round, ({ sizes, gradients, order }) => {
      const expected = Array.from({ length: LENGTH }, (_, i) => {
        let total = 0;
        for (const [shard, size] of sizes.entries()) total += size * (gradients[shard]?.[i] ?? 0);
        return total;
      });
      expect([...sumIn(order, sizes, gradients).sum]).toEqual(expected);
    }),
  );
});

it('would not give these bits in another order: the order is what fixes them', () => {
  // Prepare: values whose float64 sum depends on the order of the additions
  const gradients = [1e30, 1, -1e30].map((number) => Float32Array.of(number));
  // Act
  const sum = new GradientSum(new Float64Array(1), [1, 1, 1]);
  for (const shard of [2, 0, 1]) sum.add(shard, summandOf(gradients[shard] as Float32Array));
  // Assess: ((1e30 + 1) - 1e30), not ((-1e30 + 1e30) + 1)
  expect(sum.sum[0]).toBe(0);
});

describe('what has been taken', () => {
  it('ignores a second gradient of a shard, whether the first is summed or held', () => {
    const sum = new GradientSum(new Float64Array(1), [1, 1, 1]);
    for (const [shard, gradient] of [
      [0, 1],
      [0, 100],
      [2, 10],
      [2, 100],
      [1, 5],
    ] as const) {
      sum.add(shard, summandOf(Float32Array.of(gradient)));
    }
    expect([...sum.sum]).toEqual([16]);
  });

  it('knows which shards are in, held ones too, and how many examples are summed', () => {
    const sum = new GradientSum(new Float64Array(1), [2, 3]);
    expect(sum.has(1)).toBe(false);
    sum.add(1, summandOf(Float32Array.of(1)));
    expect([sum.has(0), sum.has(1), sum.examples]).toEqual([false, true, 0]);
    sum.add(0, summandOf(Float32Array.of(1)));
    expect([sum.has(0), sum.has(1), sum.examples]).toEqual([true, true, 5]);
  });

  it.each([
    [[1, 3], 2 * 3 + 2 * 5, 4],
    [[0], 1 * 2, 1],
    [[3], 2 * 5, 2],
    [[], 0, 0],
  ])(
    'of the shards %j alone leaves out the others, and their examples',
    (shards, sum, examples) => {
      const gradients = new GradientSum(new Float64Array(1), [1, 2, 3, 2]);
      for (const shard of shards) gradients.add(shard, summandOf(Float32Array.of(2 + shard)));
      gradients.leaveOutMissing();
      expect([...gradients.sum]).toEqual([sum]);
      expect(gradients.examples).toBe(examples);
    },
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'refuses a gradient that holds %d, and names its shard',
  (bad) => {
    const sum = new GradientSum(new Float64Array(3), [1, 1, 1]);
    sum.add(0, summandOf(Float32Array.of(1, 2, 3)));
    sum.add(2, summandOf(Float32Array.of(1, 2, 3)));
    expect(() => sum.add(1, summandOf(Float32Array.of(1, bad, 3)))).toThrowError(
      expect.objectContaining({ name: 'NonFiniteError', shard: 1 }) as NonFiniteError,
    );
  },
);

it('names the held shard that is not finite, not the one that let it be summed', () => {
  const sum = new GradientSum(new Float64Array(1), [1, 1]);
  sum.add(1, summandOf(Float32Array.of(Number.NaN)));
  const act = () => sum.add(0, summandOf(Float32Array.of(1)));
  expect(act).toThrowError(new NonFiniteError(1));
});

function bitsOf(values: Float64Array): bigint[] {
  return [...new BigUint64Array(values.slice().buffer)];
}

it('starts from zero in memory that has been used before', () => {
  const sum = new GradientSum(Float64Array.of(7, 7), [1]);
  sum.add(0, summandOf(Float32Array.of(1, 2)));
  expect([...sum.sum]).toEqual([1, 2]);
});

it('adds a gradient that came early only when its turn has come', () => {
  const added: number[] = [];
  const sum = new GradientSum(new Float64Array(1), [1, 1]);
  const summand = (shard: number) => () => {
    added.push(shard);
    return true;
  };
  sum.add(1, summand(1));
  expect(added).toEqual([]);
  sum.add(0, summand(0));
  expect(added).toEqual([0, 1]);
});

function summandOf(values: Float32Array): Summand {
  return (sum, weight) => addFloats(sum, 0, values, weight);
}
