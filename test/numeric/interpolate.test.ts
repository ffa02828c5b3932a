import fc from 'fast-check';
import { expect, it } from 'vitest';
import { interpolate } from '../../lib/numeric/interpolate.ts';

const number = fc.float({ min: -3, max: 3, noNaN: true });
const vectors = fc
  .record({ length: fc.integer({ min: 1, max: 6 }), count: fc.integer({ min: 1, max: 5 }) })
  .chain(({ length, count }) =>
    fc.record({
      length: fc.constant(length),
      values: fc.array(number, { minLength: length * count, maxLength: length * count }),
    }),
  );

it('goes through every vector, unchanged, and is finite between', () => {
  fc.assert(
    fc.property(vectors, fc.integer({ min: 1, max: 7 }), ({ length, values }, steps) => {
      const given = Float32Array.from(values);
      const path = interpolate(given, length, steps);
      const count = given.length / length;
      expect(path.length).toBe(((count - 1) * steps + 1) * length);
      for (let i = 0; i < count; i++) {
        const at = path.subarray(i * steps * length, (i * steps + 1) * length);
        expect([...at]).toEqual([...given.subarray(i * length, (i + 1) * length)]);
      }
      expect(path.every(Number.isFinite)).toBe(true);
    }),
  );
});

it('stays on the circle, and goes along it with equal steps', () => {
  const path = interpolate(Float32Array.of(2, 0, 0, 2), 2, 3);
  const expected = [0, 30, 60, 90].flatMap((degrees) => {
    const angle = (degrees * Math.PI) / 180;
    return [2 * Math.cos(angle), 2 * Math.sin(angle)];
  });
  expected.forEach((value, i) => {
    expect(path[i]).toBeCloseTo(value, 6);
  });
});

it('goes straight between parallel vectors', () => {
  expect([...interpolate(Float32Array.of(1, 0, 3, 0), 2, 2)]).toEqual([1, 0, 2, 0, 3, 0]);
});
