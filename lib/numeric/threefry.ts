/** Two 32-bit words: a key, a counter or a block of output. */
export type Words = readonly [number, number];

const PARITY = 0x1bd11bda;
/** Twenty rounds, with an injection of the key after each four. */
const INJECTIONS = 5;

/** The one block of {@link threefry2x32}. */
const single = new Uint32Array(2);

/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of 64-bit counters, so that block `n` of a stream
 * is computed directly, by any worker, without the blocks before it.
 *
 * Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11
 * (Random123), whose known answers the tests hold.
 *
 * @returns two unsigned 32-bit words
 */
export function threefry2x32(key: Words, counter: Words): Words {
  fillBlocks(key, counter, single);
  return [single[0] as number, single[1] as number];
}

/**
 * Consecutive blocks of {@link threefry2x32}. Faster than as many calls. Each rotation is written as a
 * constant, which the compiler makes one instruction of.
 *
 * @param counter of the first block. The second word counts on
 * @param words where the blocks go: two words each
 */
export function fillBlocks(key: Words, counter: Words, words: Uint32Array): void {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const keys = [k0, k1, PARITY ^ k0 ^ k1] as const;
  const first = (counter[0] + k0) | 0;
  for (let i = 0; i < words.length; i += 2) {
    let x0 = first;
    let x1 = (counter[1] + i / 2 + k1) | 0;
    for (let n = 1; n <= INJECTIONS; n++) {
      if (n % 2 === 1) {
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 13) ^ x0;
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 15) ^ x0;
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 26) ^ x0;
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 6) ^ x0;
      } else {
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 17) ^ x0;
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 29) ^ x0;
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 16) ^ x0;
        x0 = (x0 + x1) | 0;
        x1 = rotate(x1, 24) ^ x0;
      }
      x0 = (x0 + (keys[n % 3] as number)) | 0;
      x1 = (x1 + (keys[(n + 1) % 3] as number) + n) | 0;
    }
    words[i] = x0;
    words[i + 1] = x1;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
