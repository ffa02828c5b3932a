/**
 * The random numbers of the design once more, for training that shares nothing with the library.
 */

export const TWO_32 = 2 ** 32;

export type Pair = readonly [number, number];

/** Threefry-2x32 of 20 rounds. */
export function threefry(key: Pair, counter: Pair): Pair {
  const keys = [key[0], key[1], (0x1bd11bda ^ key[0] ^ key[1]) >>> 0];
  const add = (a: number, b: number) => (a + b) % TWO_32;
  let [a, b] = [add(counter[0], key[0]), add(counter[1], key[1])];
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  for (let round = 1; round <= 20; round++) {
    const by = rotations[(round - 1) % 8] as number;
    a = add(a, b);
    b = (((b << by) | (b >>> (32 - by))) ^ a) >>> 0;
    if (round % 4 !== 0) continue;
    const n = round / 4;
    a = add(a, keys[n % 3] as number);
    b = add(add(b, keys[(n + 1) % 3] as number), n);
  }
  return [a, b];
}

/** The key of a run's stream. */
export function stream(seed: number, tag: number, index: number): Pair {
  return threefry([seed % TWO_32, Math.floor(seed / TWO_32)], [tag, index]);
}

/** Number `k` of an example, from the normal distribution. Stored as float32, as the design says. */
export function normal(key: Pair, example: number, k: number, deviation = 1): number {
  const [x0, x1] = threefry(key, [example, Math.floor(k / 2)]);
  const angle = (2 * Math.PI * x1) / TWO_32;
  const wave = k % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  return Math.fround(deviation * Math.sqrt(-2 * Math.log((x0 + 1) / TWO_32)) * wave);
}
