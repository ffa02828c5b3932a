import { expect } from 'vitest';
import { explore } from './explore.ts';

/** Of each of two test files, which may run at once: the tests explore twice as many. */
const INTERLEAVINGS = 1000;

/** Long enough for a machine that has much else to do. */
export const EXPLORATION_TIMEOUT_MS = 1_800_000;

/**
 * Expect that no interleaving violates an invariant.
 *
 * @param seed of the scenarios. `MODEL_SEED` and `MODEL_INTERLEAVINGS` in the environment explore others.
 */
export async function expectHolds(seed: number): Promise<void> {
  const { MODEL_SEED = '0', MODEL_INTERLEAVINGS = INTERLEAVINGS } = process.env;
  const interleavings = Number(MODEL_INTERLEAVINGS);
  const before = process.cpuUsage();
  const exploration = await explore({ interleavings, seed: Number(MODEL_SEED) + seed });
  const { user, system } = process.cpuUsage(before);
  const seconds = Math.round((user + system) / 1e6);
  console.log(`${interleavings} interleavings, ${exploration.events} events, ${seconds} s of CPU`);
  expect(exploration.violation).toBeUndefined();
  expect(exploration.distinct).toBe(interleavings);
}
