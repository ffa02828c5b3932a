import { availableParallelism } from 'node:os';

/** Workers, with the settings of a run that suit them. */
export interface Fleet {
  readonly workers: number;
  readonly shards: number;
  readonly threads: number;
}

/** So many workers: a shard each, and an equal part of the machine's threads. */
export function fleetOf(workers: number): Fleet {
  const threads = Math.max(1, Math.floor(availableParallelism() / workers));
  return { workers, shards: workers, threads };
}
