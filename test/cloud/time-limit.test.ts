import { describe, expect, it } from 'vitest';
import { timeLimit } from '../../lib/cloud/time-limit.ts';

/** Asks after each iteration, and tells after how many it was time. */
function iterationsUntilDue(limitMs: number, iterationMs: number): number {
  let remaining = limitMs;
  const isDue = timeLimit(() => remaining);
  for (let iteration = 1; ; iteration++) {
    remaining -= iterationMs;
    if (isDue()) return iteration;
  }
}

describe('the time limit', () => {
  it('leaves a minute, and the time of an iteration, of fifteen minutes', () => {
    expect(iterationsUntilDue(900_000, 1000)).toBe(840);
    expect(iterationsUntilDue(900_000, 60_000)).toBe(14);
  });

  it('leaves less of a short time, but always lets one iteration be done', () => {
    expect(iterationsUntilDue(10_000, 100)).toBe(60);
    expect(iterationsUntilDue(1000, 5000)).toBe(1);
  });

  it('keeps back as much as the slowest iteration took', () => {
    let remaining = 100_000;
    const isDue = timeLimit(() => remaining);
    remaining -= 20_000;
    expect(isDue()).toBe(false); // 80 s left, of which 40 and 20 are kept back
    remaining -= 19_000;
    expect(isDue()).toBe(false);
    remaining -= 2000;
    expect(isDue()).toBe(true);
  });
});
