import { getFloat16, setFloat16 } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../lib/numeric/half.ts';

const ALL_HALVES = Uint16Array.from({ length: 65_536 }, (_, i) => i);

describe('all 65,536 half floats', () => {
  const view = new DataView(new ArrayBuffer(2));
  const expected = Float32Array.from(ALL_HALVES, (half) => {
    view.setUint16(0, half);
    return getFloat16(view, 0);
  });

  it('decode to the values that another implementation gives', () => {
    expect(bitsOf(fromHalf(ALL_HALVES, 0))).toEqual(bitsOf(expected));
  });

  it('come back from float32 as they were; every not-a-number as the quiet one', () => {
    const back = toHalf(fromHalf(ALL_HALVES, 0), 0);
    const wrong = [...ALL_HALVES].filter((half) => {
      const isNan = (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
      return isNan ? ((back[half] as number) & 0x7fff) !== 0x7e00 : back[half] !== half;
    });
    expect(wrong).toEqual([]);
  });
});

describe('rounding to half', () => {
  it('is that of another implementation for 100,000 float32 bit patterns of all kinds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fffffff }), (seed) => {
        const values = anyFloats(100_000, seed);
        const expected = Uint16Array.from(values, roundedByReference);
        const halves = toHalf(values, 0).map(oneNan);
        const differing = [...values].filter((_, i) => halves[i] !== expected[i]);
        expect(differing).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });

  it('goes to even in every tie between two neighbours, and to the nearer just beside it', () => {
    // Prepare: the middle of each two positive finite neighbours, and the float32s beside it
    const middles = Float32Array.from({ length: 0x7bff }, (_, half) => {
      const [low, high] = fromHalf(Uint16Array.of(half, half + 1), 0) as unknown as [
        number,
        number,
      ];
      return (low + high) / 2;
    });
    const below = Float32Array.from(middles, (middle) => neighbour(middle, -1));
    const above = Float32Array.from(middles, (middle) => neighbour(middle, 1));
    // Act
    const [even, down, up] = [middles, below, above].map((values) => toHalf(values, 0));
    // Assess
    const halves = [...Array(0x7bff).keys()];
    expect(even).toEqual(Uint16Array.from(halves, (half) => half + (half % 2)));
    expect(down).toEqual(Uint16Array.from(halves));
    expect(up).toEqual(Uint16Array.from(halves, (half) => half + 1));
  });

  it('makes infinity of what is too large from 65520 on, keeping the sign', () => {
    const values = Float32Array.of(65504, 65519.99, 65520, -65520, 1e30, -Infinity);
    const halves = [...toHalf(values, 0)];
    expect(halves).toEqual([0x7bff, 0x7bff, 0x7c00, 0xfc00, 0x7c00, 0xfc00]);
  });
});

/** Random bits, half of them moved to exponents where half floats round, are subnormal or overflow. */
function anyFloats(count: number, seed: number): Float32Array {
  const bits = new Uint32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bits[i] = state;
    if (i % 2 === 0) bits[i] = (state & 0x807fffff) | ((0x60 + ((state >>> 8) % 0x34)) << 23);
    if (i % 8 === 0) bits[i] = (bits[i] as number) & 0xffffe000; // exact halves, and ties below
    if (i % 16 === 0) bits[i] = (bits[i] as number) | 0x1000;
  }
  return new Float32Array(bits.buffer);
}

const scratch = new DataView(new ArrayBuffer(4));

function roundedByReference(value: number): number {
  setFloat16(scratch, 0, value);
  return oneNan(scratch.getUint16(0));
}

/** Which of its not-a-numbers a conversion gives is open: only that it gives one is compared. */
function oneNan(half: number): number {
  return (half & 0x7fff) > 0x7c00 ? 0x7e00 : half;
}

/** The next float32 up or down from a positive one. */
function neighbour(value: number, direction: 1 | -1): number {
  scratch.setFloat32(0, value);
  scratch.setUint32(0, scratch.getUint32(0) + direction);
  return scratch.getFloat32(0);
}

function bitsOf(values: Float32Array): Uint32Array {
  const nan = 0x7fc00000;
  return new Uint32Array(values.buffer).map((bits) =>
    (bits & 0x7fffffff) > 0x7f800000 ? nan : bits,
  );
}
