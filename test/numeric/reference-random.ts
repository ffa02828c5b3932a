/**
 * The design's random numbers once more, written another way than the library's: 64-bit integers
 * with explicit masks, and one value at a time by its own number.
 */

type Pair = readonly [number, number];

const MASK = 0xffffffffn;
const TWO_32 = 2 ** 32;

/** Threefry-2x32 with 20 rounds, as the paper's text gives it. */
export function threefryReference(key: Pair, counter: Pair): Pair {
  const k = [BigInt(key[0]), BigInt(key[1])] as [bigint, bigint];
  const schedule = [...k, 0x1bd11bdan ^ k[0] ^ k[1]];
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  let left = (BigInt(counter[0]) + k[0]) & MASK;
  let right = (BigInt(counter[1]) + k[1]) & MASK;
  for (let group = 0; group < 5; group++) {
    for (let i = 0; i < 4; i++) {
      const by = rotations[(group % 2) * 4 + i] as bigint;
      left = (left + right) & MASK;
      right = (((right << by) & MASK) | (right >> (32n - by))) ^ left;
    }
    const next = group + 1;
    left = (left + (schedule[next % 3] as bigint)) & MASK;
    right = (right + (schedule[(next + 1) % 3] as bigint) + BigInt(next)) & MASK;
  }
  return [Number(left), Number(right)];
}

/** The key of a stream: run key from the seed's two halves, then the tag and the index as counter. */
export function streamReference(seed: number, tag: number, index: number): Pair {
  const bits = BigInt(seed);
  return threefryReference([Number(bits & MASK), Number(bits >> 32n)], [tag, index]);
}

/** Value `k` of an example: uniform in [0, 1). */
export function uniformReference(stream: Pair, example: number, k: number): number {
  const block = threefryReference(stream, [example, Math.floor(k / 2)]);
  return (k % 2 === 0 ? block[0] : block[1]) / TWO_32;
}

/** Value `k` of an example: normal, in float64. */
export function normalReference(stream: Pair, example: number, k: number): number {
  const [x0, x1] = threefryReference(stream, [example, Math.floor(k / 2)]);
  const r = Math.sqrt(-2 * Math.log((x0 + 1) / TWO_32));
  const turn = (2 * Math.PI * x1) / TWO_32;
  return k % 2 === 0 ? r * Math.cos(turn) : r * Math.sin(turn);
}

/** The real example that an example's number draws, in exact integer arithmetic. */
export function drawReference(stream: Pair, example: number, population: number): number {
  const [x0] = threefryReference(stream, [example, 0]);
  return Number((BigInt(x0) * BigInt(population)) >> 32n);
}
