import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { layOut, type ParameterLayout } from '../../lib/numeric/parameter-block.ts';
import { encodeGradient, gradientSummand } from '../../lib/wire/gradient.ts';
import { GradientEncoder } from '../../lib/wire/gradient-encoder.ts';
import type { RoundingAddress } from '../../lib/wire/int8-gradient.ts';
import { decodeTensors, encodeTensors, type RawTensor } from '../../lib/wire/safetensors.ts';
import { streamReference, threefryReference } from '../numeric/reference-random.ts';
import { decodeGradient } from '../support/decode-gradient.ts';

/** Tensors of one block, of two whole ones, of a whole one and a rest, and of one value. */
const LAYOUT = layOut([
  { name: 'D.w1', shape: [6, 5] },
  { name: 'D.w2', shape: [2, 256] },
  { name: 'D.w3', shape: [259] },
  { name: 'D.b3', shape: [] },
]);
const ROUNDING = 5;

const anyAddress = fc.record({
  seed: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  step: fc.nat(),
  shard: fc.nat(4095),
});
const anyGradient = fc
  .tuple(fc.integer({ min: -149, max: 127 }), fc.integer())
  .chain(([exponent, seed]) =>
    fc
      .array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
        minLength: LAYOUT.size,
        maxLength: LAYOUT.size,
      })
      .map((values) =>
        // Half of them of one order of magnitude, as in gradients.
        Float32Array.from(values, (v, i) => ((i + seed) % 2 ? v : Math.sin(i) * 2 ** exponent)),
      ),
  );

const encode = (values: Float32Array, address: RoundingAddress, layout = LAYOUT) =>
  encodeGradient(layout, values, 'int8', address);

/** The blocks that the design cuts a layout into. */
function blocksOf({ tensors }: ParameterLayout): { from: number; to: number }[] {
  return tensors.flatMap(({ offset, size }) =>
    Array.from({ length: Math.ceil(size / 256) }, (_, i) => ({
      from: offset + 256 * i,
      to: offset + Math.min(size, 256 * (i + 1)),
    })),
  );
}

/** The exponent of a block's scale, found by trying. */
function exponentOf(values: Float32Array): number {
  const largest = Math.max(...values.map(Math.abs));
  let exponent = -127;
  while (largest / 2 ** exponent > 127) exponent++;
  return exponent;
}

/** A value of 8 bits, from the design's text alone. */
function codeOf(value: number, exponent: number, k: number, address: RoundingAddress): number {
  const stream = streamReference(address.seed, ROUNDING, address.step);
  const words = threefryReference(stream, [address.shard, Math.floor(k / 4)]);
  const word = BigInt(words[k % 4 < 2 ? 0 : 1]);
  const number = Number(k % 2 === 0 ? word & 0xffffn : word >> 16n);
  return Math.floor(value / 2 ** exponent + (number + 0.5) / 65536);
}

describe('a gradient of 8 bits', () => {
  it('is what the design says, value by value and scale by scale', () => {
    fc.assert(
      fc.property(anyGradient, anyAddress, (values, address) => {
        const { tensors } = decodeTensors(encode(values, address), 'test');
        const scales = tensors.at(-1) as RawTensor;
        const codes = tensors.slice(0, -1).flatMap(({ data }) => [...Int8Array.from(data)]);
        expect(scales).toMatchObject({ name: 'scales', dtype: 'U8', shape: [6] });
        blocksOf(LAYOUT).forEach(({ from, to }, block) => {
          const exponent = exponentOf(values.subarray(from, to));
          expect(scales.data[block]).toBe(exponent + 127);
          for (let k = from; k < to; k++) {
            const expected = codeOf(values[k] as number, exponent, k, address);
            expect(codes[k]).toBe(expected + 0);
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  it('is less than one scale off, and no value is more than 127 scales', () => {
    fc.assert(
      fc.property(anyGradient, anyAddress, (values, address) => {
        const back = new Float64Array(LAYOUT.size);
        expect(gradientSummand(LAYOUT, encode(values, address), 'test')(back, 1)).toBe(true);
        for (const { from, to } of blocksOf(LAYOUT)) {
          const scale = 2 ** exponentOf(values.subarray(from, to));
          for (let k = from; k < to; k++) {
            expect(Math.abs((back[k] as number) - (values[k] as number))).toBeLessThan(scale);
            expect(Math.abs(back[k] as number)).toBeLessThanOrEqual(127 * scale);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is the gradient itself in the mean over the steps', () => {
    const steps = 4000;
    const values = Float32Array.from({ length: LAYOUT.size }, (_, i) => Math.sin(i * i) / 1000);
    const sum = new Float64Array(LAYOUT.size);
    const encoder = new GradientEncoder(LAYOUT, 'int8');
    encoder.gradient.set(values);
    for (let step = 0; step < steps; step++) {
      gradientSummand(LAYOUT, encoder.encode({ seed: 1, step, shard: 0 }), 'test')(sum, 1 / steps);
    }
    for (const { from, to } of blocksOf(LAYOUT)) {
      const deviation = 2 ** exponentOf(values.subarray(from, to)) / 2 / Math.sqrt(steps);
      for (let k = from; k < to; k++) {
        const error = Math.abs((sum[k] as number) - (values[k] as number));
        expect(error).toBeLessThan(5 * deviation);
      }
    }
  });

  it('has the same bytes whenever it is encoded again, and others at another address', () => {
    const values = Float32Array.from({ length: LAYOUT.size }, (_, i) => Math.cos(i));
    const [address, encoder] = [
      { seed: 3, step: 4, shard: 5 },
      new GradientEncoder(LAYOUT, 'int8'),
    ];
    const first = encode(values, address);
    for (const other of [{ seed: 2 ** 32 + 3 }, { step: 5 }, { shard: 6 }]) {
      expect(encode(values, { ...address, ...other })).not.toEqual(first);
      encoder.gradient.fill(7);
      encoder.encode({ ...address, ...other });
      encoder.gradient.set(values);
      expect(encoder.encode(address)).toEqual(first);
    }
  });

  it.each([0, -0, 2 ** -149, -1e-45, 2 ** -127, 3.4028234663852886e38, -3.4e38, 127, 1.984375, 2])(
    'takes a tensor that is all %d',
    (value) => {
      const values = new Float32Array(LAYOUT.size).fill(1e-3);
      values.fill(value, 30, 30 + 512);
      const back = new Float64Array(LAYOUT.size);
      const address = { seed: 1, step: 2, shard: 3 };
      expect(gradientSummand(LAYOUT, encode(values, address), 'test')(back, 1)).toBe(true);
      const scale = Math.max(2 ** -127, Math.abs(value) / 63.5);
      for (let k = 30; k < 30 + 512; k++) {
        expect(Math.abs((back[k] as number) - value)).toBeLessThan(scale);
      }
      if (value === 0) expect(back.subarray(30, 30 + 512)).toEqual(new Float64Array(512));
      expect(back[0]).toBeCloseTo(1e-3, 4); // its neighbours are untouched by its scale
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'shows that it held %d, in whichever block',
    (poison) => {
      for (const { from, to } of blocksOf(LAYOUT)) {
        const values = new Float32Array(LAYOUT.size).fill(1);
        values[to - 1] = poison;
        const sum = new Float64Array(LAYOUT.size);
        const bytes = encode(values, { seed: 0, step: 0, shard: 0 });
        expect(gradientSummand(LAYOUT, bytes, 'test')(sum, 1)).toBe(false);
        expect(sum.findIndex(Number.isNaN)).toBe(from);
      }
    },
  );

  it('takes a quarter of the bytes of float32', () => {
    const large = layOut([
      { name: 'w', shape: [100_000] },
      { name: 'b', shape: [400] },
    ]);
    const values = new Float32Array(large.size).fill(0.1);
    const address = { seed: 0, step: 0, shard: 0 };
    const bytes = encode(values, address, large).length;
    expect(bytes / encodeGradient(large, values, 'f32', address).length).toBeLessThan(0.255);
  });
});

describe('a gradient of 8 bits is refused', () => {
  const good = () =>
    decodeTensors(encode(new Float32Array(LAYOUT.size), { seed: 0, step: 0, shard: 0 }), '')
      .tensors;
  const refuse = (tensors: readonly RawTensor[], why: string) => {
    const act = () =>
      decodeGradient(LAYOUT, encodeTensors({ tensors, metadata: {} }), 'The gradient of step 7');
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow(why);
  };
  const bytes = (size: number) => ({ shape: [size], data: new Uint8Array(size) });
  const withScales = (change: Partial<RawTensor>) =>
    good().map((tensor) => (tensor.name === 'scales' ? { ...tensor, ...change } : tensor));

  it.each([
    ['without scales', () => good().slice(0, -1)],
    ['with a scale too few', () => withScales(bytes(5))],
    ['with a scale too many', () => withScales(bytes(7))],
    ['with signed scales', () => withScales({ dtype: 'I8' })],
    ['with scales in two rows', () => withScales({ shape: [2, 3] })],
  ])('%s', (_what, tensors) => {
    refuse(tensors(), 'The gradient of step 7 has not one scale of a byte for each of 6 blocks');
  });

  it('where one tensor is of another type, shape or name', () => {
    const [first, ...others] = good() as [RawTensor, ...RawTensor[]];
    refuse([{ ...first, dtype: 'U8' }, ...others], 'tensor D.w1 is U8, not I8');
    refuse([{ ...first, shape: [5, 6] }, ...others], 'D.w1 has the shape [5,6], not [6,5]');
    refuse([{ ...first, name: 'D.w0' }, ...others], 'has no tensor D.w1');
    refuse([...others, first, { ...first, name: 'D.w0' }], 'has a tensor too many: D.w0');
  });
});
