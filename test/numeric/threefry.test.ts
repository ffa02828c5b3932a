import fc from 'fast-check';
import { expect, it } from 'vitest';
import { threefry2x32, type Words } from '../../lib/numeric/threefry.ts';
import { threefryReference } from './reference-random.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });
const words = fc.tuple(word, word);

/** Random123's known answers for threefry2x32 with 20 rounds (its file `kat_vectors`). */
const KNOWN: readonly { counter: Words; key: Words; output: Words }[] = [
  { counter: [0, 0], key: [0, 0], output: [0x6b200159, 0x99ba4efe] },
  {
    counter: [0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    output: [0x1cb996fc, 0xbb002be7],
  },
  {
    counter: [0x243f6a88, 0x85a308d3],
    key: [0x13198a2e, 0x03707344],
    output: [0xc4923a9c, 0x483df7a0],
  },
];

it.each(KNOWN)(
  'gives the published answer for the counter $counter',
  ({ counter, key, output }) => {
    expect(threefry2x32(key, counter)).toEqual(output);
  },
);

it('agrees with an independent implementation for any key and counter', () => {
  fc.assert(
    fc.property(words, words, (key, counter) => {
      expect(threefry2x32(key, counter)).toEqual(threefryReference(key, counter));
    }),
    { numRuns: 500 },
  );
});

it('is a bijection of the counters: no two of 100,000 give the same block', () => {
  const blocks = new Set<bigint>();
  for (let counter = 0; counter < 100_000; counter++) {
    const [x0, x1] = threefry2x32([7, 9], [counter % 317, Math.floor(counter / 317)]);
    blocks.add((BigInt(x0) << 32n) | BigInt(x1));
  }
  expect(blocks.size).toBe(100_000);
});

it('gives words that are unsigned and of 32 bits', () => {
  fc.assert(
    fc.property(words, words, (key, counter) => {
      for (const x of threefry2x32(key, counter)) expect(x >>> 0).toBe(x);
    }),
  );
});

it('turns about half of the bits when one bit of the counter turns', () => {
  let turned = 0;
  const samples = 2000;
  for (let i = 0; i < samples; i++) {
    const [a0, a1] = threefry2x32([1, 2], [i, 0]);
    const [b0, b1] = threefry2x32([1, 2], [i, 2 ** (i % 31)]);
    turned += onesOf(a0 ^ b0) + onesOf(a1 ^ b1);
  }
  expect(turned / samples).toBeGreaterThan(31);
  expect(turned / samples).toBeLessThan(33);
});

function onesOf(word: number): number {
  return (word >>> 0).toString(2).replaceAll('0', '').length;
}
