import { UsageError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import type { WeightFiles } from './initial-weights.ts';
import { checkpointKeys, runKeys } from './keys.ts';
import { summarize } from './runs.ts';

/**
 * The weights of the last checkpoint of a run that is not in progress: as they were trained, not their
 * average.
 *
 * @throws UsageError when it has none, or lacks a network of the program
 */
export async function readRunWeights(
  store: Store,
  runId: string,
  program: Program,
): Promise<WeightFiles> {
  const { head, status } = await summarize(store, runId);
  if (status === 'running' || status === 'waiting') {
    throw new UsageError(`Run ${runId} is in progress: its last checkpoint may go at any moment`, {
      hint: 'Wait for its end, or end it with `lambduel cancel`.',
    });
  }
  const { checkpoint } = head;
  if (!checkpoint) {
    throw new UsageError(`Run ${runId} has no checkpoint, so there are no weights to begin with`);
  }
  const folder = runKeys.checkpoint(runId, checkpoint.iteration, checkpoint.epoch);
  const files = new Map<string, Uint8Array>();
  for (const { name } of program.networks) {
    const { bytes } = await store.get(checkpointKeys.file(folder, name)).catch((cause: unknown) => {
      if (!(cause instanceof ObjectNotFoundError)) throw cause;
      throw new UsageError(`Run ${runId} has no network ${name}, which the new run trains`, {
        cause,
        hint: 'Begin with a run of the same program.',
      });
    });
    files.set(name, bytes);
  }
  return { source: `run ${runId}, iteration ${checkpoint.iteration}`, files };
}
