import { expect } from 'vitest';
import { type Extent, explore } from './explore.ts';
import type { MemoryObjects } from './memory-objects.ts';
import type { Scenario } from './scenario.ts';

/** A broken protocol that is not found out in so many interleavings gets away. */
const EXTENT: Extent = { interleavings: 1000, seed: 1 };

/** What is broken, beside what the test replaces, and where to look for it. */
export interface Broken {
  /** The store's objects. */
  readonly Objects?: typeof MemoryObjects;
  /** What all scenarios have in common. */
  readonly common?: Partial<Scenario>;
}

/** Expect that exploring finds a violation, and say what and how soon. */
export async function expectCaught(
  what: RegExp,
  { Objects, common = {} }: Broken = {},
): Promise<void> {
  const { interleavings, violation } = await explore({ ...EXTENT, common }, Objects);
  const [first] = violation?.split('\n') ?? [];
  console.log(`Caught after ${interleavings} interleavings: ${first}`);
  expect(violation).toMatch(what);
}
