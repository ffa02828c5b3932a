import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layOut, tensorView } from '../../lib/numeric/parameter-block.ts';

const shapes = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }), {
  maxLength: 6,
});

it('lays tensors out back to back in the order given, and counts all of their elements', () => {
  fc.assert(
    fc.property(shapes, (list) => {
      const layout = layOut(list.map((shape, i) => ({ name: `t${i}`, shape })));
      let offset = 0;
      layout.tensors.forEach((place, i) => {
        const shape = list[i] as number[];
        const size = shape.reduce((product, extent) => product * extent, 1);
        expect(place).toEqual({ name: `t${i}`, shape, offset, size });
        offset += size;
      });
      expect(layout.size).toBe(offset);
    }),
  );
});

it("gives a tensor's part of a block as a view: writing to it writes the block", () => {
  const layout = layOut([
    { name: 'a', shape: [2] },
    { name: 'b', shape: [] },
    { name: 'c', shape: [1, 2] },
  ]);
  const block = new Float32Array(layout.size);
  layout.tensors.forEach((place, i) => {
    tensorView(block, place).fill(i + 1);
  });
  expect([...block]).toEqual([1, 1, 2, 3, 3]);
});
