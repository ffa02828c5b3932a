import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { layOut } from '../../lib/numeric/parameter-block.ts';
import { encodeGradient } from '../../lib/wire/gradient.ts';
import { decodeParameters, encodeParameters, ParameterEncoder } from '../../lib/wire/parameters.ts';
import { decodeTensors, encodeTensors } from '../../lib/wire/safetensors.ts';
import { sameBits } from '../support/arrays.ts';

const LAYOUT = layOut([
  { name: 'G.w1', shape: [2, 3] },
  { name: 'G.b1', shape: [3] },
]);
const block = fc
  .uint8Array({ minLength: 4 * LAYOUT.size, maxLength: 4 * LAYOUT.size })
  .map((bytes) => new Float32Array(bytes.slice().buffer));

it('gives back every bit of a block, not-a-numbers with their payloads too', () => {
  fc.assert(
    fc.property(block, (values) => {
      const decoded = decodeParameters(LAYOUT, encodeParameters(LAYOUT, values), 'test');
      expect(sameBits(decoded, values)).toBe(true);
    }),
  );
});

it('reads a block from bytes at any alignment', () => {
  const values = Float32Array.from({ length: LAYOUT.size }, (_, i) => i / 3);
  const bytes = encodeParameters(LAYOUT, values);
  for (let shift = 0; shift < 8; shift++) {
    const around = new Uint8Array(bytes.length + 8);
    around.set(bytes, shift);
    const decoded = decodeParameters(LAYOUT, around.subarray(shift, shift + bytes.length), 'test');
    expect(decoded).toEqual(values);
  }
});

it('writes the same bytes with an encoder that keeps its memory, block after block', () => {
  const encoder = new ParameterEncoder(LAYOUT);
  fc.assert(
    fc.property(block, (values) => {
      expect(sameBits(encoder.encode(values), encodeParameters(LAYOUT, values))).toBe(true);
    }),
  );
});

it('puts each tensor in its place by its name, in whatever order the file has them', () => {
  const values = Float32Array.from({ length: LAYOUT.size }, (_, i) => i);
  const { tensors, metadata } = decodeTensors(encodeParameters(LAYOUT, values), 'test');
  const turned = encodeTensors({ tensors: tensors.toReversed(), metadata });
  expect(decodeParameters(LAYOUT, turned, 'test')).toEqual(values);
});

it('stores tensors under their own names and shapes, with the metadata given', () => {
  const bytes = encodeParameters(LAYOUT, new Float32Array(LAYOUT.size), { iteration: '5' });
  const { tensors, metadata } = decodeTensors(bytes, 'test');
  expect(tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
    { name: 'G.w1', dtype: 'F32', shape: [2, 3] },
    { name: 'G.b1', dtype: 'F32', shape: [3] },
  ]);
  expect(metadata).toEqual({ iteration: '5' });
});

it('refuses weights that are half floats', () => {
  const address = { seed: 0, step: 0, shard: 0 };
  const bytes = encodeGradient(LAYOUT, new Float32Array(LAYOUT.size), 'f16', address);
  const act = () => decodeParameters(LAYOUT, bytes, 'weights');
  expect(act).toThrow(InvalidDataError);
  expect(act).toThrow('weights: tensor G.w1 is F16, not F32');
});

it("refuses another network's weights", () => {
  const other = layOut([{ name: 'D.w1', shape: [2, 3] }]);
  const bytes = encodeParameters(other, new Float32Array(other.size));
  expect(() => decodeParameters(LAYOUT, bytes, 'weights')).toThrow('weights has no tensor G.w1');
});
