import { describe, expect, it } from 'vitest';
import { Patience } from '../../lib/run/coordinator/patience.ts';

function limitAfter(...observed: number[]): number {
  const patience = new Patience();
  for (const ms of observed) patience.observe(ms);
  return patience.limitMs();
}

it('has a minute for the first jobs, as a cold start takes long', () => {
  expect(limitAfter()).toBe(60_000);
});

it('is a multiple of the slowest recent job, so that one slow worker is not taken for a dead one', () => {
  expect(limitAfter(1000, 3000, 500)).toBe(8 * 3000);
});

it('never falls below five seconds, nor rises above a minute', () => {
  expect(limitAfter(1)).toBe(5000);
  expect(limitAfter(30_000)).toBe(60_000);
});

it('forgets a slow start after 64 quicker jobs', () => {
  const quick = new Array<number>(64).fill(1000);
  expect(limitAfter(7000, ...quick.slice(1))).toBe(56_000);
  expect(limitAfter(7000, ...quick)).toBe(8000);
});

describe('for jobs of several iterations', () => {
  it('has a second more for each while nothing is known, as a cold start comes once', () => {
    expect(new Patience().limitMs(21)).toBe(80_000);
  });

  it('goes by what an iteration took, whatever the number in a job', () => {
    const patience = new Patience();
    patience.observe(20_000, 20);
    expect(patience.limitMs(20)).toBe(79_000); // eight times as long would be 160 s
    expect(patience.limitMs(5)).toBe(40_000);
    expect(patience.limitMs(1)).toBe(8000);
  });

  it('never takes a job for lost that is only as long as the last one was', () => {
    const patience = new Patience();
    patience.observe(400_000, 20); // 20 s an iteration
    expect(patience.limitMs(20)).toBe(800_000);
  });

  it('sends a second copy after twice what most took', () => {
    const patience = new Patience();
    for (let i = 0; i < 16; i++) patience.observe(10_000, 10);
    expect(patience.hedgeMs(10)).toBe(20_000);
    expect(patience.hedgeMs(3)).toBe(6000);
  });
});
