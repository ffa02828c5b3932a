import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { layOut } from '../../lib/numeric/parameter-block.ts';
import { encodeGradient } from '../../lib/wire/gradient.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { decodeTensors, encodeTensors } from '../../lib/wire/safetensors.ts';
import { decodeGradient } from '../support/decode-gradient.ts';

const LAYOUT = layOut([
  { name: 'D.w1', shape: [3, 2] },
  { name: 'D.b1', shape: [2] },
  { name: 'D.w2', shape: [2, 1] },
]);

const ADDRESS = { seed: 1, step: 2, shard: 3 };

const gradient = fc
  .array(fc.float({ noNaN: true, min: -(2 ** 100), max: 2 ** 100 }), {
    minLength: LAYOUT.size,
    maxLength: LAYOUT.size,
  })
  .map((values) => Float32Array.from(values));

describe('as float32', () => {
  it('gives back every bit', () => {
    fc.assert(
      fc.property(gradient, (values) => {
        const bytes = encodeGradient(LAYOUT, values, 'f32', ADDRESS);
        expect(bitsOf(decodeGradient(LAYOUT, bytes, 'test'))).toEqual(bitsOf(values));
      }),
    );
  });

  it('carries infinities and not-a-numbers, which the sum then refuses', () => {
    const values = new Float32Array(LAYOUT.size).fill(Number.NaN);
    values[0] = Number.NEGATIVE_INFINITY;
    const bytes = encodeGradient(LAYOUT, values, 'f32', ADDRESS);
    expect(decodeGradient(LAYOUT, bytes, 'test')).toEqual(values);
  });
});

describe('as float16', () => {
  it('keeps each value to 2^-11 of itself, or 2^-39 of the largest of its own tensor', () => {
    fc.assert(
      fc.property(gradient, (values) => {
        const back = decodeGradient(LAYOUT, encodeGradient(LAYOUT, values, 'f16', ADDRESS), 'test');
        for (const { offset, size } of LAYOUT.tensors) {
          const tensor = values.subarray(offset, offset + size);
          const largest = Math.max(...tensor.map(Math.abs));
          tensor.forEach((value, i) => {
            const error = Math.abs((back[offset + i] as number) - value);
            const bound = Math.max(2 ** -11 * Math.abs(value), 2 ** -39 * largest, 2 ** -149);
            expect(error).toBeLessThanOrEqual(bound);
          });
        }
      }),
    );
  });

  it('keeps gradients of 1e-12 beside a tensor of large ones', () => {
    const values = Float32Array.of(1e-12, -2e-12, 3e-12, 0, 5e-13, 1e-12, 1e4, -1e4, 1, 2);
    const back = decodeGradient(LAYOUT, encodeGradient(LAYOUT, values, 'f16', ADDRESS), 'test');
    values.forEach((value, i) => {
      expect(Math.abs((back[i] as number) - value)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
    });
  });

  it('keeps a gradient of zeros', () => {
    const zeros = new Float32Array(LAYOUT.size);
    expect(decodeGradient(LAYOUT, encodeGradient(LAYOUT, zeros, 'f16', ADDRESS), 'test')).toEqual(
      zeros,
    );
  });

  it('takes half of the bytes of float32', () => {
    const large = layOut([{ name: 'w', shape: [100_000] }]);
    const values = new Float32Array(large.size).fill(0.1);
    const [f16, f32] = [
      encodeGradient(large, values, 'f16', ADDRESS),
      encodeGradient(large, values, 'f32', ADDRESS),
    ] as const;
    expect(f16.length / f32.length).toBeCloseTo(0.5, 2);
  });

  it('holds its scales as text metadata, so that other readers can undo them', () => {
    const values = new Float32Array(LAYOUT.size).fill(1);
    const { metadata, tensors } = decodeTensors(
      encodeGradient(LAYOUT, values, 'f16', ADDRESS),
      'test',
    );
    expect(metadata).toEqual({
      'D.w1.scaleExponent': '14',
      'D.b1.scaleExponent': '14',
      'D.w2.scaleExponent': '14',
    });
    expect(tensors.map(({ dtype }) => dtype)).toEqual(['F16', 'F16', 'F16']);
  });
});

describe('refuses, by name', () => {
  const f16 = () =>
    decodeTensors(encodeGradient(LAYOUT, new Float32Array(LAYOUT.size), 'f16', ADDRESS), '');
  const refuse = (bytes: Uint8Array, why: string) => {
    const act = () => decodeGradient(LAYOUT, bytes, 'step 7');
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow(why);
  };

  it.each([
    { list: ['w1', 'b1'], why: 'step 7 has no tensor D.w2' },
    { list: ['w1', 'b1', 'w2', 'w3'], why: 'step 7 has a tensor too many: D.w3' },
  ])('the tensors $list', ({ list, why }) => {
    const shapes: Record<string, number[]> = { w1: [3, 2], b1: [2], w2: [2, 1], w3: [1] };
    const other = layOut(list.map((name) => ({ name: `D.${name}`, shape: shapes[name] ?? [] })));
    refuse(encodeParameters(other, new Float32Array(other.size)), why);
  });

  it('a tensor with the right size and another shape', () => {
    const turned = layOut([
      { name: 'D.w1', shape: [2, 3] },
      { name: 'D.b1', shape: [2] },
      { name: 'D.w2', shape: [2, 1] },
    ]);
    const bytes = encodeParameters(turned, new Float32Array(turned.size));
    refuse(bytes, 'step 7: tensor D.w1 has the shape [2,3], not [3,2]');
  });

  it('bytes where floats have to be', () => {
    const { tensors, metadata } = f16();
    const bytes = tensors.map((tensor) => ({
      ...tensor,
      dtype: 'U8' as const,
      data: tensor.data.subarray(0, tensor.data.length / 2),
    }));
    refuse(encodeTensors({ tensors: bytes, metadata }), 'tensor D.w1 is U8, not F32 or F16');
  });

  it.each([undefined, '', ' 1', '1.5', '1e2', '0x10', 'NaN', '257', '-257', '99999'])(
    'a scale exponent of %j',
    (exponent) => {
      const { tensors, metadata } = f16();
      const { 'D.b1.scaleExponent': _, ...others } = metadata;
      const changed =
        exponent === undefined ? others : { ...others, 'D.b1.scaleExponent': exponent };
      const bytes = encodeTensors({ tensors, metadata: changed });
      refuse(bytes, 'half tensor D.b1 has no valid scale exponent');
    },
  );
});

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer);
}
