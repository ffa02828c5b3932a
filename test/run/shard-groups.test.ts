import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { shardRange } from '../../lib/numeric/shards.ts';
import type { Program } from '../../lib/program/program.ts';
import { checkShards, shardsKeepGroups } from '../../lib/run/record/shard-groups.ts';

const programOf = (groupSize: number) => ({ groupSize }) as Program;

it('keeps groups exactly where each shard begins and ends at a multiple of their size', () => {
  const cuts = fc.record({
    groupSize: fc.integer({ min: 1, max: 40 }),
    groups: fc.integer({ min: 1, max: 12 }),
    more: fc.integer({ min: 0, max: 39 }),
    shards: fc.integer({ min: 1, max: 14 }),
  });
  fc.assert(
    fc.property(cuts, ({ groupSize, groups, more, shards }) => {
      const batch = groupSize * groups + (more % groupSize);
      fc.pre(shards <= batch);
      const whole = Array.from({ length: shards }, (_, i) => shardRange(batch, shards, i)).every(
        ({ first, size }) => first % groupSize === 0 && size % groupSize === 0,
      );
      expect(shardsKeepGroups(programOf(groupSize), { batch, shards })).toBe(whole);
    }),
    { numRuns: 1000 },
  );
});

it('takes any cut of a program without groups', () => {
  expect(() => checkShards({} as Program, { batch: 7, shards: 3 })).not.toThrow();
});

it.each([
  [{ batch: 96, shards: 2 }, '96 fits 1 or 3 shards; 2 shards fit a batch of 64 or 128.'],
  [{ batch: 128, shards: 3 }, '128 fits 1, 2 or 4 shards; 3 shards fit a batch of 96 or 192.'],
  [{ batch: 32, shards: 2 }, '32 fits 1 shard; 2 shards fit a batch of 64.'],
  [{ batch: 40, shards: 1 }, 'a multiple of 32: 1 shard fits a batch of 32 or 64.'],
])('refuses %j with numbers that fit', (cut, hint) => {
  const check = () => checkShards(programOf(32), cut);
  expect(check).toThrow(UsageError);
  expect(check).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
});
