import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../lib/observe/console/rate-window.ts';

/** The pace after rounds that take so long each, of which all iterations are told at once. */
function paceOf(rounds: number, iterations: number, ms: number, between = 0): number | undefined {
  const window = new RateWindow();
  let now = 1000;
  window.restart(now);
  for (let round = 0; round < rounds; round++) {
    now += ms;
    for (let i = 0; i < iterations; i++) window.add(now + i * between);
  }
  return window.iterationMs;
}

describe('the pace of iterations', () => {
  it.each([1, 2, 3, 10, 200])('is exact after %i rounds that tell of all at once', (rounds) => {
    for (const ms of [400, 2000, 20_000, 100_000]) {
      expect(paceOf(rounds, 20, ms)).toBeCloseTo(ms / 20, 6);
    }
  });

  it('is that of the rounds where their iterations are told one shortly after the other', () => {
    expect(paceOf(50, 20, 2000, 0.5)).toBeCloseTo(100, 0);
  });

  it('is exact for single iterations, slow and fast', () => {
    for (const ms of [0.5, 5, 49, 50, 500, 20_000]) {
      expect(paceOf(1000, 1, ms)).toBeCloseTo(ms, 6);
    }
  });

  it('is not known before any iteration, nor over too little time', () => {
    expect(paceOf(0, 1, 10)).toBeUndefined();
    expect(paceOf(1, 100, 10)).toBeUndefined();
  });

  it('follows a change within the window', () => {
    const window = new RateWindow();
    window.restart(0);
    for (let i = 1; i <= 100; i++) window.add(i * 1000);
    for (let i = 1; i <= 200; i++) window.add(100_000 + i * 100);
    expect(window.iterationMs).toBeCloseTo(100, 6);
  });
});
