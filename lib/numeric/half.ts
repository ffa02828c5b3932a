/** The largest magnitude after scaling lies in [2^14, 2^15), below half precision's 65504. */
const TARGET_EXPONENT = 14;

let table: Float32Array | undefined;

/**
 * The power of two to scale values by before they become half floats: their largest magnitude then
 * lies in [2^14, 2^15), so that none overflows and small gradients, which would underflow as they
 * are, keep their bits.
 *
 * @returns the exponent; 0 where all values are zero or one is not finite
 */
export function halfScaleExponent(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] as number);
    if (magnitude > largest) largest = magnitude;
  }
  if (largest === 0 || !Number.isFinite(largest)) return 0;
  return TARGET_EXPONENT - exponentOf(largest);
}

/**
 * Float32 to IEEE 754 half precision, rounded to nearest, ties to even, after scaling by
 * `2 ** scaleExponent`.
 */
export function toHalf(values: Float32Array, scaleExponent: number): Uint16Array {
  const scale = 2 ** scaleExponent;
  const scaled = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) scaled[i] = (values[i] as number) * scale;
  const bits = new Uint32Array(scaled.buffer);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfOf(bits[i] as number, scaled[i] as number);
  return halves;
}

/** Half precision back to float32, undoing the scale; exact but for float32's own range. */
export function fromHalf(
  halves: Uint16Array,
  scaleExponent: number,
  values: Float32Array = new Float32Array(halves.length),
): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => valueOfHalf(half));
  const unscale = 2 ** -scaleExponent;
  for (let i = 0; i < halves.length; i++) {
    values[i] = (table[halves[i] as number] as number) * unscale;
  }
  return values;
}

/** A float32's exponent, read from its bits; subnormal numbers count as 2^-127. */
function exponentOf(value: number): number {
  return ((new Uint32Array(Float32Array.of(value).buffer)[0] as number) >>> 23) - 127;
}

function halfOf(bits: number, value: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and above: infinity
  if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(value) * 2 ** 24); // subnormal
  // Re-bias the exponent from 127 to 15, and round the 13 bits that go, ties to even.
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0x0fff + odd) >>> 13);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
