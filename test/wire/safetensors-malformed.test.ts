import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { decodeTensors, encodeTensors } from '../../lib/wire/safetensors.ts';
import { anyTensorFile, rawFile } from '../../support/tensor-files.ts';

const SMALL = encodeTensors({
  tensors: [
    { name: 'w', dtype: 'F32', shape: [2], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    { name: 'b', dtype: 'F16', shape: [1], data: Uint8Array.of(9, 10) },
  ],
  metadata: { note: 'hi' },
});

/** Decoding either gives a file that hangs together, or says what is wrong; it never fails otherwise. */
function decodesOrRefuses(bytes: Uint8Array): void {
  try {
    const { tensors } = decodeTensors(bytes, 'test');
    const size = tensors.reduce((sum, { data }) => sum + data.length, 0);
    expect(size).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidDataError);
  }
}

it('refuses a file that was cut off, at any length', () => {
  for (let length = 0; length < SMALL.length; length++) {
    const act = () => decodeTensors(SMALL.subarray(0, length), 'cut');
    expect(act, `${length} bytes`).toThrow(InvalidDataError);
  }
  expect(() => decodeTensors(SMALL, 'whole')).not.toThrow();
});

it('refuses a file with anything behind its last tensor', () => {
  const longer = Buffer.concat([SMALL, Uint8Array.of(0)]);
  expect(() => decodeTensors(longer, 'weights')).toThrow(/^weights .*1 bytes follow/);
});

it('never fails in another way when any bytes of a file are others', () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(
      anyTensorFile,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (file, changes) => {
        const bytes = encodeTensors(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        decodesOrRefuses(bytes);
      },
    ),
    { numRuns: 2000 },
  );
});

it('never fails in another way on any header that is JSON', () => {
  const extent = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 53, -0, 1e308));
  const entry = fc.record({
    dtype: fc.constantFrom('F32', 'F16', 'U8', 'F64', 'constructor'),
    shape: fc.array(extent, { maxLength: 12 }),
    data_offsets: fc.array(extent, { maxLength: 3 }),
  });
  const header = fc.oneof(
    fc.json(),
    fc.dictionary(fc.string(), entry).map((entries) => JSON.stringify(entries)),
  );
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 8 }), (text, data) => {
      decodesOrRefuses(rawFile(text, data));
    }),
    { numRuns: 2000 },
  );
});

describe('refuses, and says why', () => {
  const eight = new Uint8Array(8);
  const u8 = (from: number, to: number, shape: readonly number[] = [to - from]) => ({
    dtype: 'U8',
    shape,
    data_offsets: [from, to],
  });

  it.each([
    {
      what: 'overlapping tensors',
      header: { a: u8(0, 5), b: u8(3, 8) },
      why: 'tensor b does not begin',
    },
    { what: 'a hole', header: { a: u8(0, 3), b: u8(4, 8) }, why: 'tensor b does not begin' },
    { what: 'data that begins late', header: { a: u8(1, 8) }, why: 'tensor a does not begin' },
    {
      what: 'a tensor inside another',
      header: { a: u8(0, 8), b: u8(2, 3) },
      why: 'tensor b does not',
    },
    { what: 'data missing', header: { a: u8(0, 9) }, why: 'ends inside tensor a' },
    { what: 'data unclaimed', header: { a: u8(0, 7) }, why: '1 bytes follow' },
    { what: 'a shape too small', header: { a: u8(0, 8, [7]) }, why: 'not the size of its shape' },
    {
      what: 'a negative size',
      header: { a: u8(0, 8), b: u8(8, 4, [4]) },
      why: 'tensor b has not the size',
    },
    {
      what: 'a product of extents beyond 2^53',
      header: { a: u8(0, 8, [2 ** 40, 2 ** 40, 8]) },
      why: 'not the size',
    },
    {
      what: 'a product of extents that wraps around 2^64 to the right size',
      header: { a: u8(0, 8, [2 ** 32 + 1, 2 ** 32, 2 ** 32, 8]) },
      why: 'not the size',
    },
    {
      what: 'data missing behind an empty tensor of huge extents',
      header: { a: u8(0, 0, [...new Array(7).fill(2 ** 53 - 1), 0]), b: u8(0, 9) },
      why: 'ends inside tensor b',
    },
    { what: 'nine dimensions', header: { a: u8(0, 1, new Array(9).fill(1)) }, why: 'malformed' },
    { what: 'a fraction as an extent', header: { a: u8(0, 8, [0.5, 16]) }, why: 'malformed' },
    { what: 'negative extents', header: { a: u8(0, 8, [-2, -4]) }, why: 'malformed' },
    { what: 'an unknown type', header: { a: { ...u8(0, 8), dtype: 'I64' } }, why: 'malformed' },
    { what: 'an unknown key', header: { a: { ...u8(0, 8), stride: 1 } }, why: 'malformed' },
    { what: 'metadata that is not text', header: { __metadata__: { a: 1 } }, why: 'its metadata' },
    { what: 'an array', header: [], why: 'does not begin with {' },
    { what: 'null', header: null, why: 'does not begin with {' },
    { what: 'no header', header: '', why: 'does not begin with {' },
    { what: 'space before the header', header: ' {}', why: 'does not begin with {' },
    { what: 'half of a header', header: '{"a":', why: 'not JSON' },
  ])('$what', ({ header, why }) => {
    const act = () => decodeTensors(rawFile(header, eight), 'runs/x/w.safetensors');
    expect(act).toThrow(InvalidDataError);
    expect(act).toThrow(`runs/x/w.safetensors is not a valid safetensors file: `);
    expect(act).toThrow(why);
  });

  it('a name that is there twice with data of its own each time', () => {
    const twice = `{"a":${JSON.stringify(u8(0, 4))},"a":${JSON.stringify(u8(4, 8))}}`;
    expect(() => decodeTensors(rawFile(twice, eight), 'test')).toThrow(InvalidDataError);
  });

  it('a header that is not UTF-8', () => {
    const bytes = rawFile({ ab: u8(0, 8) }, eight);
    bytes.set([0xc3, 0x28], 10);
    expect(() => decodeTensors(bytes, 'test')).toThrow('not JSON');
  });

  it.each([2n ** 20n + 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n])(
    'a header that claims %d bytes, without making room for it',
    (length) => {
      const bytes = Buffer.alloc(64);
      bytes.writeBigUInt64LE(length);
      expect(() => decodeTensors(bytes, 'test')).toThrow(/its header claims \d+ bytes/);
    },
  );
});
