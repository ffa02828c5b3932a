import { f16round } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { layOut } from '../../lib/numeric/parameter-block.ts';
import { encodeGradient } from '../../lib/wire/gradient.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { decodeTensors, encodeTensors } from '../../lib/wire/safetensors.ts';
import { WeightsDecoder, WeightTooLargeError, weightsEncoder } from '../../lib/wire/weights.ts';

const LAYOUT = layOut([
  { name: 'D.w1', shape: [3, 2] },
  { name: 'D.b1', shape: [1] },
]);
/** The first magnitude that rounds to infinity. */
const TOO_LARGE = 65520;

const anyWeights = fc
  .array(fc.float({ noDefaultInfinity: true, min: -65519, max: 65519 }), {
    minLength: LAYOUT.size,
    maxLength: LAYOUT.size,
  })
  .map((values) => Float32Array.from(values));

const halves = (values: Float32Array) => weightsEncoder(LAYOUT, 'f16').encode(values);
const decode = (bytes: Uint8Array) => new WeightsDecoder(LAYOUT).decode(bytes, 'weights');

describe('weights of half floats', () => {
  it('are each weight to the nearest half float, and so are they when the memory is used again', () => {
    const [encoder, decoder] = [weightsEncoder(LAYOUT, 'f16'), new WeightsDecoder(LAYOUT)];
    fc.assert(
      fc.property(anyWeights, (values) => {
        const read = decoder.decode(Uint8Array.from(encoder.encode(values)), 'weights');
        expect(read).toEqual(values.map(f16round));
      }),
    );
  });

  it('take half of the bytes, as tensors that any reader knows', () => {
    const bytes = halves(new Float32Array(LAYOUT.size).fill(0.5));
    const { tensors, metadata } = decodeTensors(bytes, 'weights');
    expect(metadata).toEqual({});
    expect(tensors.map(({ dtype, data }) => [dtype, data.length])).toEqual([
      ['F16', 12],
      ['F16', 2],
    ]);
  });

  it.each([TOO_LARGE, -TOO_LARGE, 2 ** 100])(
    'are refused with a weight of %d, by name',
    (value) => {
      const act = () => halves(Float32Array.of(0, 0, 0, 0, 0, 0, value));
      expect(act).toThrow(WeightTooLargeError);
      expect(act).toThrow(`D.b1 has a weight of ${value}, and the largest half float is 65504`);
    },
  );

  it('keep what is not finite, which the gradients then tell', () => {
    const values = Float32Array.of(Number.NaN, Infinity, -Infinity, 1, 2, 3, 4);
    expect(decode(halves(values))).toEqual(values);
  });
});

describe('published weights are read', () => {
  it('as they are, in float32', () => {
    const values = Float32Array.of(1 / 3, -0, 1e-45, 3.4e38, -7, 70_000, 4);
    expect(decode(weightsEncoder(LAYOUT, 'f32').encode(values))).toEqual(values);
  });

  it('of either form, one after the other', () => {
    const decoder = new WeightsDecoder(LAYOUT);
    const [third, seven] = [1 / 3, 7].map((value) => new Float32Array(LAYOUT.size).fill(value));
    for (const values of [third, seven] as Float32Array[]) {
      const rounded = decoder.decode(halves(values), 'weights').slice();
      expect(rounded).toEqual(values.map(f16round));
      expect(decoder.decode(encodeParameters(LAYOUT, values), 'weights')).toEqual(values);
    }
  });

  it.each([
    ['a tensor of another type', 'D.b1 is F32, not F16', 'F32', [1], 4],
    ['a tensor of another shape', 'D.b1 has the shape [2], not [1]', 'F16', [2], 4],
  ] as const)('and refused with %s', (_what, why, dtype, shape, size) => {
    const [w1] = decodeTensors(halves(new Float32Array(LAYOUT.size)), '').tensors;
    const b1 = { name: 'D.b1', dtype, shape, data: new Uint8Array(size) };
    const bytes = encodeTensors({ tensors: w1 ? [w1, b1] : [], metadata: {} });
    expect(() => decode(bytes)).toThrow(InvalidDataError);
    expect(() => decode(bytes)).toThrow(why);
  });

  it('and refused as integers of 8 bits', () => {
    const address = { seed: 0, step: 0, shard: 0 };
    const bytes = encodeGradient(LAYOUT, new Float32Array(LAYOUT.size), 'int8', address);
    expect(() => decode(bytes)).toThrow(InvalidDataError);
  });
});
