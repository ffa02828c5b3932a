import { fillBlocks, threefry2x32, type Words } from './threefry.ts';

const TWO_32 = 2 ** 32;

/** What a stream of random numbers is for. It is part of the key, so no two uses share numbers. */
export const StreamTag = {
  initialWeights: 1,
  noise: 2,
  realExamples: 3,
  sampleGrid: 4,
  rounding: 5,
  standingStatistics: 6,
  augmentation: 7,
  fakeLabels: 8,
  scoredImages: 9,
} as const;

/** One of {@link StreamTag}'s values. */
export type StreamTag = (typeof StreamTag)[keyof typeof StreamTag];

/**
 * The key of one stream: everything drawn in a run follows from the seed, a tag and an index.
 *
 * @param seed a non-negative safe integer
 * @param index a step, or a tensor's number for initial weights
 */
export function streamKey(seed: number, tag: StreamTag, index: number): Words {
  const runKey: Words = [seed % TWO_32, Math.floor(seed / TWO_32)];
  return threefry2x32(runKey, [tag, index]);
}

/**
 * Uniform numbers in [0, 1): both words of each block, over 2^32. Value `k` of an example is member
 * `k mod 2` of its block `floor(k / 2)`.
 *
 * @returns `examples * perExample` values, examples back to back
 */
export function uniforms(
  stream: Words,
  first: number,
  examples: number,
  perExample: number,
): Float64Array {
  return fillPairs(new Float64Array(examples * perExample), stream, first, perExample, (x0, x1) => [
    x0 / TWO_32,
    x1 / TWO_32,
  ]);
}

/**
 * Standard normal numbers by Box and Muller's transform, computed in float64 and stored as float32.
 *
 * @param first the first example's number in the global batch
 * @param deviation standard deviation; multiplied before the rounding to float32
 * @returns `examples * perExample` values, examples back to back
 */
export function normals(
  stream: Words,
  first: number,
  examples: number,
  perExample: number,
  deviation = 1,
): Float32Array {
  const values = new Float32Array(examples * perExample);
  return fillPairs(values, stream, first, perExample, (x0, x1) => boxMuller(x0, x1, deviation));
}

/**
 * For each example the index of one of `population` real examples, drawn with replacement.
 *
 * @returns `examples` indices in [0, population)
 */
export function drawWithReplacement(
  stream: Words,
  first: number,
  examples: number,
  population: number,
): Uint32Array {
  return Uint32Array.from({ length: examples }, (_, i) => {
    const [x0] = threefry2x32(stream, [first + i, 0]);
    return Math.floor((x0 * population) / TWO_32);
  });
}

/**
 * For each example whether it is mirrored: whether the first word of its block 0 is less than 2^31. The
 * other numbers of the block are not used. Those of augmentation begin with block 1.
 */
export function coinTosses(stream: Words, first: number, examples: number): boolean[] {
  return Array.from(
    { length: examples },
    (_, i) => threefry2x32(stream, [first + i, 0])[0] < 2 ** 31,
  );
}

/**
 * Numbers of 16 bits for stochastic rounding, four of each block. Number `k` of an example is of its
 * block `floor(k / 4)`: in this order the low and the high half of the first word, and the low and
 * the high half of the second.
 */
export class RoundingNumbers {
  readonly #words: Uint32Array;
  readonly #halves: Uint16Array;

  /** @param count how many an example has. Their memory is used again for each example */
  constructor(count: number) {
    this.#words = new Uint32Array(2 * Math.ceil(count / 4));
    this.#halves = new Uint16Array(this.#words.buffer); // the low half comes first in memory
  }

  /** @returns the numbers of an example, valid until the next call */
  draw(stream: Words, example: number): Uint16Array {
    fillBlocks(stream, [example, 0], this.#words);
    return this.#halves;
  }
}

function boxMuller(x0: number, x1: number, deviation: number): Words {
  const radius = deviation * Math.sqrt(-2 * Math.log((x0 + 1) / TWO_32));
  const angle = (2 * Math.PI * x1) / TWO_32;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

function fillPairs<T extends Float32Array | Float64Array>(
  values: T,
  stream: Words,
  first: number,
  perExample: number,
  pairOf: (x0: number, x1: number) => Words,
): T {
  const examples = values.length / perExample;
  const words = new Uint32Array(2 * Math.ceil(perExample / 2));
  for (let example = 0; example < examples; example++) {
    const start = example * perExample;
    fillBlocks(stream, [first + example, 0], words);
    for (let k = 0; k < perExample; k += 2) {
      const pair = pairOf(words[k] as number, words[k + 1] as number);
      values[start + k] = pair[0];
      if (k + 1 < perExample) values[start + k + 1] = pair[1];
    }
  }
  return values;
}
