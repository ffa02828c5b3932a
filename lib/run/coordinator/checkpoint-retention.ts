import type { Store } from '../../store/store.ts';
import type { CheckpointReference } from '../record/checkpoint.ts';
import { parseCheckpointFolder, runKeys } from '../record/keys.ts';

/** Checkpoints that are kept, the head's included; older ones are removed. */
const KEPT_CHECKPOINTS = 3;

/**
 * Remove a run's old checkpoints.
 *
 * Removes only what lies before the checkpoint that the head names. Another coordinator may have
 * taken over meanwhile, and the head may name a later checkpoint by now.
 *
 * @param named the checkpoint that the head names
 * @returns the checkpoints that are kept, `named` first
 */
export async function removeOldCheckpoints(
  store: Store,
  runId: string,
  named: CheckpointReference,
): Promise<CheckpointReference[]> {
  const prefix = runKeys.allCheckpoints(runId);
  const objects = await store.list(prefix);
  const folderOf = (key: string) => key.slice(prefix.length).split('/')[0] ?? '';
  const folders = [...new Set(objects.map(({ key }) => folderOf(key)))];
  const all = folders.map((folder) => ({ folder, ...parseCheckpointFolder(folder) }));
  const earlier = all.filter(({ iteration }) => iteration < named.iteration);
  earlier.sort((a, b) => b.iteration - a.iteration || b.epoch - a.epoch);
  // Left by a coordinator that died, or saw an error, before the head named this checkpoint.
  const neverNamed = all.filter(
    ({ iteration, epoch }) => iteration === named.iteration && epoch < named.epoch,
  );
  const removed = [...earlier.slice(KEPT_CHECKPOINTS - 1), ...neverNamed];
  const outdated = new Set(removed.map(({ folder }) => folder));
  const keys = objects.map(({ key }) => key).filter((key) => outdated.has(folderOf(key)));
  if (keys.length > 0) await store.remove(keys);
  return [named, ...earlier.slice(0, KEPT_CHECKPOINTS - 1)];
}
