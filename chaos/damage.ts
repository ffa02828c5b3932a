import { expandNumbers } from '../lib/wire/compressed.ts';

const BYTES = 64;
/** Changes the exponents of floats, and of half floats: nobody could take it for rounding. */
const MASK = 0x15;

/** No gradient that trains is compressed to less than one part of so many. */
const LEAST_COMPRESSED = 1000;

/** The same bytes but for some in the middle, which are damaged so that weights would show it. */
export function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = bytes.length >> 1;
  for (let i = middle; i < Math.min(middle + BYTES, copy.length); i++) {
    copy[i] = (copy[i] as number) ^ MASK;
  }
  return copy;
}

/** A copy of a gradient that is not finite at its end, however it is encoded. Not compressed. */
export function notFinite(gradient: Uint8Array): Uint8Array {
  const file = expandNumbers(gradient, { size: gradient.length * LEAST_COMPRESSED }, 'A gradient');
  return Uint8Array.from(file).fill(0xff, -4); // of 8 bits, the last scales
}
