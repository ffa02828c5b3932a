/** The largest magnitude after scaling lies in [2^14, 2^15), below half precision's 65504. */
const TARGET_EXPONENT = 14;

/**
 * Float32: 8 bits of exponent with this bias, 23 of fraction. Half precision: 5 with 15, and 10.
 */
const BIAS = 127;
const FRACTION_BITS = 23;
const HALF_BIAS = 15;
const DROPPED_BITS = 13;
/**
 * Added before the bits are dropped, this rounds to nearest; with the last kept bit, ties to even.
 */
const HALF_ULP_LESS_ONE = 0x0fff;
const MAGNITUDE = 0x7fffffff;
const INFINITE = 0x7f800000;
const SMALLEST_NORMAL = 0x00800000;
/** Biased float32 exponents: at most this is subnormal as a half; from the other on, infinite. */
const LARGEST_SUBNORMAL_EXPONENT = BIAS - HALF_BIAS;
const OVERFLOW_EXPONENT = BIAS + HALF_BIAS + 1;
const SIGN = 0x8000;
const HALF_INFINITY = 0x7c00;
const HALF_NOT_A_NUMBER = 0x7e00;

let table: Float32Array | undefined;

/**
 * The power of two to scale values by before they become half floats: their largest magnitude then
 * lies in [2^14, 2^15), so that none overflows and small gradients, which would underflow as they
 * are, keep their bits.
 *
 * @returns the exponent; 0 where all values are zero or one is not finite
 */
export function halfScaleExponent(values: Float32Array): number {
  const bits = bitsOf(values);
  let largest = 0; // magnitudes order as their bits do
  for (let i = 0; i < bits.length; i++) {
    const magnitude = (bits[i] as number) & MAGNITUDE;
    if (magnitude > largest) largest = magnitude;
  }
  if (largest === 0 || largest >= INFINITE) return 0;
  return TARGET_EXPONENT - ((largest >>> FRACTION_BITS) - BIAS);
}

/**
 * Float32 to IEEE 754 half precision, rounded to nearest, ties to even, after scaling by
 * `2 ** scaleExponent`: for most numbers an addition to the exponent's bits.
 */
export function toHalf(
  values: Float32Array,
  scaleExponent: number,
  halves: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const bits = bitsOf(values);
  const rebias = (scaleExponent - BIAS + HALF_BIAS) << FRACTION_BITS;
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] as number;
    const magnitude = word & MAGNITUDE;
    const exponent = (magnitude >>> FRACTION_BITS) + scaleExponent;
    let half: number;
    if (magnitude >= INFINITE) {
      half = magnitude > INFINITE ? HALF_NOT_A_NUMBER : HALF_INFINITY;
    } else if (exponent <= LARGEST_SUBNORMAL_EXPONENT || magnitude < SMALLEST_NORMAL) {
      half = subnormalHalf(Math.abs(values[i] as number) * 2 ** scaleExponent);
    } else if (exponent >= OVERFLOW_EXPONENT) {
      half = HALF_INFINITY;
    } else {
      const odd = (magnitude >>> DROPPED_BITS) & 1;
      half = (magnitude + rebias + HALF_ULP_LESS_ONE + odd) >>> DROPPED_BITS;
    }
    halves[i] = ((word >>> 16) & SIGN) | half;
  }
  return halves;
}

/**
 * Adds halves, unscaled and times a weight, to a sum from `offset` on. One pass that decodes and
 * sums takes half the time of two (1.2 ms for 350,000).
 *
 * @returns whether all are finite
 */
export function addHalves(
  sum: Float64Array,
  offset: number,
  halves: Uint16Array,
  scaleExponent: number,
  weight: number,
): boolean {
  const table = halfTable();
  const factor = weight * 2 ** -scaleExponent;
  let probe = 0; // stays zero: only infinities and not-a-numbers times zero are not zero
  for (let i = 0; i < halves.length; i++) {
    const value = table[halves[i] as number] as number;
    sum[offset + i] = (sum[offset + i] as number) + value * factor;
    probe += value * 0;
  }
  return probe === 0;
}

/** Half precision back to float32, undoing the scale; exact but for float32's own range. */
export function fromHalf(
  halves: Uint16Array,
  scaleExponent: number,
  values: Float32Array = new Float32Array(halves.length),
): Float32Array {
  const table = halfTable();
  const unscale = 2 ** -scaleExponent;
  for (let i = 0; i < halves.length; i++) {
    values[i] = (table[halves[i] as number] as number) * unscale;
  }
  return values;
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** The half of a magnitude that may be too small for a normal one. */
function subnormalHalf(magnitude: number): number {
  if (magnitude >= 2 ** (HALF_BIAS + 1)) return HALF_INFINITY; // a subnormal float32, scaled far up
  if (magnitude >= 2 ** (1 - HALF_BIAS)) {
    const scaled = bitsOf(Float32Array.of(magnitude))[0] as number;
    const odd = (scaled >>> DROPPED_BITS) & 1;
    const rebias = (HALF_BIAS - BIAS) << FRACTION_BITS;
    return (scaled + rebias + HALF_ULP_LESS_ONE + odd) >>> DROPPED_BITS;
  }
  return roundToEven(magnitude * 2 ** 24);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** Every half's value. */
function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => valueOfHalf(half));
  return table;
}

function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
