import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32, sha256 } from '../../lib/wire/checksum.ts';

describe('CRC-32', () => {
  it.each([
    { text: '', crc: '00000000' },
    { text: '123456789', crc: 'cbf43926' }, // the check value of the CRC catalogue's CRC-32
    { text: 't31', crc: '090c7c94' }, // one with a leading zero
  ])('of "$text" is $crc', ({ text, crc }) => {
    expect(crc32(Buffer.from(text))).toBe(crc);
  });

  it('is always eight hex digits', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(crc32(bytes)).toMatch(/^[0-9a-f]{8}$/);
      }),
    );
  });

  it('finds any one bit that turned', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
        const bit = at % (8 * bytes.length);
        const damaged = bytes.slice();
        damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(crc32(damaged)).not.toBe(crc32(bytes));
      }),
    );
  });
});

it('gives SHA-256 as FIPS 180-2 does for "abc"', () => {
  expect(sha256(Buffer.from('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
