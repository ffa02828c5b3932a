import type { Store } from '../../store/store.ts';
import {
  CheckpointError,
  CheckpointReader,
  type CheckpointReference,
} from '../record/checkpoint.ts';
import { epochInKey, runKeys } from '../record/keys.ts';

/**
 * Remove the lanes' optimizer states that no checkpoint names: those between two checkpoints, and
 * what a crash or a replay left. Called between two rounds, right after a checkpoint, so that no
 * job of this epoch names any other.
 *
 * Removes only what this epoch and earlier ones wrote. Another coordinator may have taken over from
 * the checkpoint that the head names, and its lanes' states carry its own epoch.
 *
 * @param kept the checkpoints that are kept, the one that the head names first
 * @param epoch of the coordinator that removes
 */
export async function removeOldLanes(
  store: Store,
  runId: string,
  kept: readonly CheckpointReference[],
  epoch: number,
): Promise<void> {
  const [last, ...earlier] = await Promise.all(
    kept.map((reference) => lanesOf(store, runId, reference)),
  );
  if (!last) return; // it may have been read damaged: the next call tries again
  const named = new Set([...last, ...earlier.flatMap((keys) => keys ?? [])]);
  const objects = await store.list(runKeys.allLanes(runId));
  const keys = objects
    .map(({ key }) => key)
    .filter((key) => (epochInKey(key) ?? 0) <= epoch && !named.has(key));
  if (keys.length > 0) await store.remove(keys);
}

/** The states that a checkpoint names. Undefined: the checkpoint is incomplete or damaged. */
async function lanesOf(
  store: Store,
  runId: string,
  reference: CheckpointReference,
): Promise<string[] | undefined> {
  try {
    const { lanes } = await CheckpointReader.open(store, runId, reference);
    return lanes.map(({ key }) => key);
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}
