/** Elements that have one scale in common. */
const BLOCK = 256;

/** A scale is stored as a power of two's exponent with this bias: OCP's type E8M0. */
const SCALE_BIAS = 127;
/** The scale of a block that holds a value that is not finite. */
const NOT_A_NUMBER = 0xff;

/** Float32: 8 bits of exponent with the same bias, 23 of fraction. */
const FRACTION_BITS = 23;
const FRACTION = 0x7fffff;
const MAGNITUDE = 0x7fffffff;
const INFINITE = 0x7f800000;
/** The largest magnitude is scaled to 64 and more, where it then is not above 127. */
const SHIFT = 6;
/** The fraction of 127 / 64: a block with a larger one takes the next scale. */
const LARGEST_FRACTION = 0x7e0000;

/** How many blocks a tensor has: each of 256 elements, the last one of what is left. */
export function int8Blocks(size: number): number {
  return Math.ceil(size / BLOCK);
}

/**
 * Float32 to 8 bits, in blocks of 256 elements with a power-of-two scale each. The scale is the
 * smallest with which the block's largest magnitude is not above 127, but not below 2^-127. A value
 * over its scale is rounded to one of the two integers beside it, at random: up with a probability
 * of the fraction, so that the mean over all numbers is the value, to 2^-17 of a scale.
 *
 * The form of the scales is the type E8M0 of the Open Compute Project's "Microscaling formats (MX)",
 * version 1.0: the exponent plus 127, and 255 for a block with a value that is not finite.
 *
 * @param numbers random numbers of 16 bits, one for each value
 * @param codes where the integers go, from -127 to 127
 * @param scales where the blocks' scales go
 */
export function toInt8(
  values: Float32Array,
  numbers: Uint16Array,
  codes: Int8Array,
  scales: Uint8Array,
): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let block = 0, start = 0; start < values.length; block++, start += BLOCK) {
    const end = Math.min(start + BLOCK, values.length);
    const scale = scaleOf(bits, start, end);
    scales[block] = scale;
    if (scale === NOT_A_NUMBER) {
      codes.fill(0, start, end);
      continue;
    }
    const unscale = 2 ** (SCALE_BIAS - scale);
    for (let i = start; i < end; i++) {
      const up = (numbers[i] as number) * 2 ** -16 + 2 ** -17;
      codes[i] = Math.floor((values[i] as number) * unscale + up);
    }
  }
}

/**
 * Adds what {@link toInt8} gave, scaled back and times a weight, to a sum from `offset` on.
 *
 * @returns whether all are finite
 */
export function addInt8(
  sum: Float64Array,
  offset: number,
  codes: Int8Array,
  scales: Uint8Array,
  weight: number,
): boolean {
  let finite = true;
  for (let block = 0, start = 0; start < codes.length; block++, start += BLOCK) {
    const end = Math.min(start + BLOCK, codes.length);
    const scale = scales[block] as number;
    if (scale === NOT_A_NUMBER) finite = false;
    const factor = scale === NOT_A_NUMBER ? Number.NaN : weight * 2 ** (scale - SCALE_BIAS);
    for (let i = start; i < end; i++) {
      sum[offset + i] = (sum[offset + i] as number) + (codes[i] as number) * factor;
    }
  }
  return finite;
}

function scaleOf(bits: Uint32Array, start: number, end: number): number {
  let largest = 0; // magnitudes order as their bits do
  for (let i = start; i < end; i++) {
    const magnitude = (bits[i] as number) & MAGNITUDE;
    if (magnitude > largest) largest = magnitude;
  }
  if (largest >= INFINITE) return NOT_A_NUMBER;
  const next = (largest & FRACTION) > LARGEST_FRACTION ? 1 : 0;
  return Math.max(0, (largest >>> FRACTION_BITS) - SHIFT + next);
}
