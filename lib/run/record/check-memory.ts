import { UsageError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';
import {
  coordinatorMemory,
  type MemoryConfig,
  type MemoryNeed,
  workerMemory,
} from './memory-need.ts';
import { shardsKeepGroups } from './shard-groups.ts';

/** Memory that functions have, in MB. */
export interface FunctionMemories {
  readonly workerMb: number;
  readonly coordinatorMb: number;
}

/** The most that a function can have, and what an estimate is increased by for a proposal. */
const MOST_MB = 10_240;
const MARGIN = 1.1;
const STEP_MB = 64;

/**
 * @throws UsageError with numbers, and with what to change, when a run needs more memory than the
 *   functions of a stack have: they would be killed at each try
 */
export function requireMemory(
  config: MemoryConfig,
  program: Program,
  { workerMb, coordinatorMb }: FunctionMemories,
): void {
  const worker = workerMemory(config, program);
  if (worker.total > workerMb) {
    throw new UsageError(
      `A worker of this run needs about ${describeNeed(worker)}, and the workers of this stack have ${workerMb} MB`,
      {
        hint: sentence([moreShards(config, program, workerMb), moreMemory('workerMemory', worker)]),
      },
    );
  }
  const coordinator = coordinatorMemory(config, program);
  if (coordinator.total <= coordinatorMb) return;
  throw new UsageError(
    `The coordinator of this run needs about ${describeNeed(coordinator)}, and that of this stack has ${coordinatorMb} MB`,
    { hint: sentence([moreMemory('coordinatorMemory', coordinator)]) },
  );
}

/** `2340 MB (1500 MB for the gradient of 64 examples, 385 MB for TensorFlow and Node.js)`. */
export function describeNeed({ total, parts }: MemoryNeed): string {
  const told = parts.map(({ what, mb }) => `${mb} MB for ${what}`);
  return `${total} MB (${told.join(', ')})`;
}

/**
 * The fewest shards with which a worker needs no more than this, and no batch is changed, as a
 * proposal. Undefined: there are none.
 */
export function moreShards(
  config: MemoryConfig,
  program: Program,
  limitMb: number,
): string | undefined {
  for (let shards = config.shards + 1; shards <= Math.min(config.batch, 4096); shards++) {
    if (!shardsKeepGroups(program, { ...config, shards })) continue;
    const { total } = workerMemory({ ...config, shards }, program);
    if (total <= limitMb) return `ask for ${shards} shards (about ${total} MB each)`;
  }
  return undefined;
}

function moreMemory(setting: string, { total }: MemoryNeed): string | undefined {
  const mb = STEP_MB * Math.ceil((MARGIN * total) / STEP_MB);
  return mb <= MOST_MB ? `deploy with more memory (-c ${setting}=${mb})` : undefined;
}

function sentence(proposals: readonly (string | undefined)[]): string {
  const other = 'choose a smaller batch, fewer features or a smaller dataset';
  const text = [...proposals.filter((proposal) => proposal !== undefined), other].join(', or ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
