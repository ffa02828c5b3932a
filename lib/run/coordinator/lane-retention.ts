import type { Store } from '../../store/store.ts';
import { CheckpointReader, type CheckpointReference } from '../record/checkpoint.ts';
import { averagingInKey, runKeys } from '../record/keys.ts';

/**
 * Remove the lanes' optimizer states that no checkpoint names: those of averagings before the last
 * checkpoint's, which a crash or a replay left. Later ones may be in use, by another coordinator.
 *
 * @param kept the checkpoints that are kept, the one that the head names first
 */
export async function removeOldLanes(
  store: Store,
  runId: string,
  kept: readonly CheckpointReference[],
): Promise<void> {
  const readers = await Promise.all(
    kept.map((reference) => CheckpointReader.open(store, runId, reference)),
  );
  const named = new Set(readers.flatMap(({ lanes }) => lanes.map(({ key }) => key)));
  const [last] = readers[0]?.lanes ?? [];
  if (!last) return;
  const objects = await store.list(runKeys.allLanes(runId));
  const keys = objects
    .map(({ key }) => key)
    .filter((key) => averagingInKey(key) <= averagingInKey(last.key) && !named.has(key));
  if (keys.length > 0) await store.remove(keys);
}
