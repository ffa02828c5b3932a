/** A slice of a step's global batch. */
export interface ShardRange {
  /** The first example's number in the global batch. */
  readonly first: number;
  readonly size: number;
}

/** Shard `shard` of `shards` of a global batch: `[floor(i B / S), floor((i + 1) B / S))`. */
export function shardRange(batch: number, shards: number, shard: number): ShardRange {
  const first = Math.floor((shard * batch) / shards);
  return { first, size: Math.floor(((shard + 1) * batch) / shards) - first };
}

/** How many examples each shard of a batch has. */
export function shardSizes({ batch, shards }: { batch: number; shards: number }): number[] {
  return Array.from({ length: shards }, (_, shard) => shardRange(batch, shards, shard).size);
}
