import { describe, expect, it } from 'vitest';
import { isTraced } from '../../lib/run/coordinator/trace-job.ts';

function traced(config: { shards: number; localIterations: number }, upTo: number, every = 1) {
  const iterations = Array.from({ length: upTo / every }, (_, i) => i * every);
  return iterations.filter((iteration) => isTraced(config, 3, iteration));
}

describe('traced are', () => {
  it('the first 20 of every 100 iterations', () => {
    const iterations = traced({ shards: 2, localIterations: 0 }, 300);
    expect(iterations).toHaveLength(60);
    expect([iterations[0], iterations[19], iterations[20]]).toEqual([0, 19, 100]);
  });

  it('the first 20 of every 100 rounds where iterations are local', () => {
    const rounds = traced({ shards: 2, localIterations: 50 }, 10_000, 50);
    expect(rounds).toHaveLength(40);
    expect([rounds[19], rounds[20]]).toEqual([950, 5000]);
  });

  it('fewer where there are many shards, but always the first', () => {
    expect(traced({ shards: 256, localIterations: 0 }, 100)).toEqual([0, 1, 2, 3, 4]);
    expect(traced({ shards: 4096, localIterations: 0 }, 200)).toEqual([0, 100]);
  });
});
