import { createHash } from 'node:crypto';

/** Normal distributions on a circle: their number, the circle's radius, and their deviation. */
export const MODES = 8;
const RADIUS = 0.35;
const DEVIATION = 0.02;

/** Point `i` of a ring of eight normal distributions, by its number alone: x and y, 0 to 1. */
export function ringPoint(i: number): [x: number, y: number] {
  const digest = createHash('sha256').update(`point ${i}`).digest();
  const uniform = (at: number) => (digest.readUInt32LE(at) + 0.5) / 2 ** 32;
  const middle = (2 * Math.PI * (i % MODES)) / MODES;
  // Box and Muller: two normal numbers of two uniform ones.
  const distance = DEVIATION * Math.sqrt(-2 * Math.log(uniform(0)));
  const direction = 2 * Math.PI * uniform(4);
  return [
    0.5 + RADIUS * Math.cos(middle) + distance * Math.cos(direction),
    0.5 + RADIUS * Math.sin(middle) + distance * Math.sin(direction),
  ];
}
