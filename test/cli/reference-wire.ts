/** How weights and gradients are rounded on their way, from the design's text alone. */
import { stream, threefry } from './reference-stream.ts';

const ROUNDING = 5;
const BLOCK = 256;

/** What a run's weights follow from, where they are rounded. */
export interface Travel {
  /** Shards of a step, whose gradients are rounded one by one. */
  readonly shards: number;
  /** Gradients and changes of weights are integers of 8 bits. Default: they are as they are. */
  readonly int8?: boolean;
  /** Weights are half floats. Default: they are as they are. */
  readonly halfWeights?: boolean;
}

/** Where a tensor's random numbers are. */
export interface Place {
  readonly seed: number;
  readonly step: number;
  readonly shard: number;
  /** The number of its first value in all that is sent together. */
  readonly first: number;
}

/** The nearest half floats, ties to even. */
export function halfRounded(values: Float64Array): Float64Array {
  return values.map((value) => {
    const single = Math.fround(value); // as it is kept
    const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(single))));
    const unit = 2 ** (exponent - 10);
    const units = single / unit;
    const floor = Math.floor(units);
    const isUp = units - floor > 0.5 || (units - floor === 0.5 && floor % 2 !== 0);
    return (isUp ? floor + 1 : floor) * unit;
  });
}

/** A tensor as integers of 8 bits and back. */
export function int8Rounded(values: Float64Array, { seed, step, shard, first }: Place) {
  const key = stream(seed, ROUNDING, step);
  const result = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += BLOCK) {
    const block = values.subarray(start, start + BLOCK).map(Math.fround);
    const scale = scaleOf(block);
    block.forEach((value, i) => {
      const k = first + start + i;
      const word = threefry(key, [shard, Math.floor(k / 4)])[k % 4 < 2 ? 0 : 1];
      const number = k % 2 === 0 ? word % 65536 : Math.floor(word / 65536);
      result[start + i] = scale * Math.floor(value / scale + (number + 0.5) / 65536);
    });
  }
  return result;
}

/** The smallest power of two, from 2^-127, of which no value is more than 127. */
function scaleOf(block: Float64Array): number {
  const largest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let scale = 2 ** -127;
  while (largest > 127 * scale) scale *= 2;
  return scale;
}
