/** Two 32-bit words: a key, a counter or a block of output. */
export type Words = readonly [number, number];

const PARITY = 0x1bd11bda;
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const ROUNDS = 20;

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
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const keys = [k0, k1, PARITY ^ k0 ^ k1] as const;
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const rotation = ROTATIONS[round % 8] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + (keys[injection % 3] as number)) | 0;
      x1 = (x1 + (keys[(injection + 1) % 3] as number) + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}
