import { expect, it } from 'vitest';
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
