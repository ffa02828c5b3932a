import { expect } from 'vitest';
import { type Extent, explore } from './explore.ts';
import type { MemoryObjects } from './memory-objects.ts';

/** A broken protocol that is not found out in so many interleavings gets away. */
const EXTENT: Extent = { interleavings: 1000, seed: 1 };

/** Expect that exploring finds a violation, and say what and how soon. */
export async function expectCaught(what: RegExp, Objects?: typeof MemoryObjects): Promise<void> {
  const { interleavings, violation } = await explore(EXTENT, Objects);
  const [first] = violation?.split('\n') ?? [];
  console.log(`Caught after ${interleavings} interleavings: ${first}`);
  expect(violation).toMatch(what);
}
