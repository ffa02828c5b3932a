import { freemem, platform, totalmem } from 'node:os';
import { formatCount } from '../observe/format.ts';
import { programsIn } from '../run/programs/program-library.ts';
import { describeNeed, moreShards } from '../run/record/check-memory.ts';
import type { RunConfig } from '../run/record/config.ts';
import { workerMemory } from '../run/record/memory-need.ts';
import type { Store } from '../store/store.ts';
import { type CliContext, tell } from './context.ts';

const MEBIBYTE = 2 ** 20;

/** Say so, with what to change, when the workers need more memory than this machine has free. */
export async function warnOfMemory(
  context: CliContext,
  store: Store,
  config: RunConfig,
  workers: number,
): Promise<void> {
  const program = await programsIn(store).load(config.program);
  const need = workerMemory(config, program);
  const free = Math.floor(availableBytes() / MEBIBYTE);
  if (workers * need.total <= free) return;
  const each = workers === 1 ? '' : ' each';
  tell(
    context,
    `warning: ${formatCount(workers, 'worker')} may need about ${describeNeed(need)}${each}, and this machine has ${free} MB free`,
  );
  const proposals = [
    ...(workers > 1 ? ['fewer --workers'] : []),
    ...(moreShards(config, program, free / workers) ? ['more --shards'] : []),
    'a smaller --batch',
  ];
  tell(context, `hint: If it is too slow or is killed, choose ${proposals.join(', ')}.`);
}

/** What processes can still have. macOS counts memory that it can give at once as used. */
function availableBytes(): number {
  return platform() === 'darwin'
    ? totalmem()
    : Math.min(freemem(), process.constrainedMemory() || totalmem());
}
