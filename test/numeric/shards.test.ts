import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shardRange } from '../../lib/numeric/shards.ts';

const batchAndShards = fc
  .integer({ min: 1, max: 1_000_000 })
  .chain((batch) =>
    fc.tuple(fc.constant(batch), fc.integer({ min: 1, max: Math.min(batch, 4096) })),
  );

it('cuts any batch into shards that cover it in order, without gaps or overlaps', () => {
  fc.assert(
    fc.property(batchAndShards, ([batch, shards]) => {
      let next = 0;
      for (let shard = 0; shard < shards; shard++) {
        const { first, size } = shardRange(batch, shards, shard);
        expect(first).toBe(next);
        next = first + size;
      }
      expect(next).toBe(batch);
    }),
  );
});

it('gives every shard an example, and none more than one more than another', () => {
  fc.assert(
    fc.property(batchAndShards, ([batch, shards]) => {
      const sizes = Array.from({ length: shards }, (_, i) => shardRange(batch, shards, i).size);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

it('cuts where the design says: shard i is [floor(i B / S), floor((i + 1) B / S))', () => {
  const ranges = [0, 1, 2].map((shard) => shardRange(128, 3, shard));
  expect(ranges).toEqual([
    { first: 0, size: 42 },
    { first: 42, size: 43 },
    { first: 85, size: 43 },
  ]);
});
