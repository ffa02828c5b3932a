import { UsageError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';

/** How many numbers of shards a message names. */
const MAX_NAMED = 8;

/** How a batch is cut. */
export interface BatchCut {
  readonly batch: number;
  readonly shards: number;
}

/**
 * Whether no shard cuts a group of the program's. Shard i begins at `floor(i B / S)`: all of these
 * are multiples of the group's size exactly where `B` is a multiple of `S` groups.
 */
export function shardsKeepGroups({ groupSize = 1 }: Program, { batch, shards }: BatchCut): boolean {
  return groupSize === 1 || batch % (groupSize * shards) === 0;
}

/** @throws UsageError with numbers that fit, when a shard would cut a group of the program's */
export function checkShards(program: Program, cut: BatchCut): void {
  if (shardsKeepGroups(program, cut)) return;
  const { groupSize = 1 } = program;
  const { batch, shards } = cut;
  const whole = groupSize * shards;
  const below = Math.floor(batch / whole) * whole;
  const batches = [below, below + whole].filter((size) => size > 0);
  const counts = divisorsOf(batch / groupSize).slice(0, MAX_NAMED);
  const fits = counts.length > 0 ? `a batch of ${batch} fits ${shardsText(counts)}; ` : '';
  const verb = shards === 1 ? 'fits' : 'fit';
  throw new UsageError(
    `A batch of ${batch} in ${shardsText([shards])} does not fit the program, which computes on groups of ${groupSize} examples`,
    {
      hint:
        `Each shard needs a multiple of ${groupSize}: ${fits}` +
        `${shardsText([shards])} ${verb} a batch of ${listText(batches)}.`,
    },
  );
}

/** Ascending; none of a number that is not whole. */
function divisorsOf(number: number): number[] {
  if (!Number.isInteger(number)) return [];
  const small = Array.from({ length: Math.floor(Math.sqrt(number)) }, (_, i) => i + 1).filter(
    (divisor) => number % divisor === 0,
  );
  return [...new Set([...small, ...small.map((divisor) => number / divisor)])].sort(
    (a, b) => a - b,
  );
}

/** `1 shard`, or `1, 2 or 4 shards`. */
function shardsText(counts: readonly number[]): string {
  return `${listText(counts)} ${counts.join() === '1' ? 'shard' : 'shards'}`;
}

/** `1, 2 or 4`. */
function listText(numbers: readonly number[]): string {
  const last = String(numbers.at(-1));
  return numbers.length > 1 ? `${numbers.slice(0, -1).join(', ')} or ${last}` : last;
}
