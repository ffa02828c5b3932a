import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, halfScaleExponent, toHalf } from '../../lib/numeric/half.ts';

const SMALLEST_NORMAL = 2 ** -126;

/** The largest float32 that is a half float at some scale: those above it round to infinity. */
const LARGEST = 2047 * 2 ** 117;

/** Float32s of all magnitudes, subnormal ones too, at least one of them not zero. */
const values = fc
  .array(fc.float({ noNaN: true, min: -LARGEST, max: LARGEST }), { minLength: 1, maxLength: 40 })
  .filter((list) => list.some((value) => value !== 0))
  .map((list) => Float32Array.from(list));

const largestOf = (list: Float32Array): number => Math.max(...list.map(Math.abs));

describe('the scale', () => {
  it('takes the largest magnitude into [2^14, 2^15)', () => {
    fc.assert(
      fc.property(values, (list) => {
        fc.pre(largestOf(list) >= SMALLEST_NORMAL);
        const scaled = largestOf(list) * 2 ** halfScaleExponent(list);
        expect(scaled).toBeGreaterThanOrEqual(2 ** 14);
        expect(scaled).toBeLessThan(2 ** 15);
      }),
    );
  });

  it.each([
    { list: [1], exponent: 14 },
    { list: [-1.999], exponent: 14 },
    { list: [2], exponent: 13 },
    { list: [0.5, -3, 1e-9], exponent: 13 },
    { list: [2 ** -126], exponent: 140 },
    { list: [2 ** 127], exponent: -113 },
  ])('of $list is 2^$exponent', ({ list, exponent }) => {
    expect(halfScaleExponent(Float32Array.from(list))).toBe(exponent);
  });

  it('is 2^0 where there is nothing to scale, or no finite largest', () => {
    expect(halfScaleExponent(new Float32Array(3))).toBe(0);
    expect(halfScaleExponent(new Float32Array(0))).toBe(0);
    expect(halfScaleExponent(Float32Array.of(1, Number.NEGATIVE_INFINITY))).toBe(0);
  });
});

describe('there and back with the scale', () => {
  it('keeps every value within 2^-28 of the largest to 2^-11 of itself', () => {
    fc.assert(
      fc.property(values, (list) => {
        const largest = largestOf(list);
        const back = roundTrip(list);
        list.forEach((value, i) => {
          if (Math.abs(value) < Math.max(2 ** -28 * largest, SMALLEST_NORMAL)) return;
          const error = Math.abs((back[i] as number) - value);
          expect(error).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps smaller values to 2^-39 of the largest', () => {
    fc.assert(
      fc.property(values, (list) => {
        fc.pre(largestOf(list) >= SMALLEST_NORMAL);
        const back = roundTrip(list);
        // Half a step of half floats' subnormals is 2^-25; the largest stands for at least 2^14.
        const step = Math.max(2 ** -39 * largestOf(list), 2 ** -149);
        list.forEach((value, i) => {
          const bound = Math.max(step, 2 ** -11 * Math.abs(value));
          expect(Math.abs((back[i] as number) - value)).toBeLessThanOrEqual(bound);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps tensors of subnormal float32s only, to their own last place', () => {
    const list = Float32Array.of(2 ** -149, -(2 ** -140), 3 * 2 ** -130, 2 ** -127);
    expect(roundTrip(list)).toEqual(list);
  });

  it('would lose without the scale what it keeps with it', () => {
    const tiny = Float32Array.of(1e-12, -3e-12);
    expect([...fromHalf(toHalf(tiny, 0), 0)]).toEqual([0, -0]);
    expect(roundTrip(tiny)[0]).toBeCloseTo(1e-12, 15);
  });

  it('keeps zeros, with their signs', () => {
    const back = roundTrip(Float32Array.of(0, -0, 1));
    expect([...back]).toEqual([0, -0, 1]);
  });
});

it('writes into the block that it is given', () => {
  const block = new Float32Array(4);
  const written = fromHalf(toHalf(Float32Array.of(1, 2), 3), 3, block.subarray(1, 3));
  expect(written.buffer).toBe(block.buffer);
  expect([...block]).toEqual([0, 1, 2, 0]);
});

function roundTrip(list: Float32Array): Float32Array {
  const exponent = halfScaleExponent(list);
  return fromHalf(toHalf(list, exponent), exponent);
}
