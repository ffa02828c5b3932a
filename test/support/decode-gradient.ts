import type { ParameterLayout } from '../../lib/numeric/parameter-block.ts';
import { gradientSummand } from '../../lib/wire/gradient.ts';

/** A gradient's values, by adding it once to zeros of negative sign, which keep the sign of others. */
export function decodeGradient(
  layout: ParameterLayout,
  bytes: Uint8Array,
  source: string,
): Float32Array {
  const sum = new Float64Array(layout.size).fill(-0);
  gradientSummand(layout, bytes, source)(sum, 1);
  return Float32Array.from(sum);
}
