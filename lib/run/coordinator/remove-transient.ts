import type { Store } from '../../store/store.ts';
import { epochInKey, runKeys } from '../record/keys.ts';

/**
 * Remove published weights and gradients of a run.
 *
 * @param isOver whether what an epoch wrote is not needed any more
 */
export async function removeTransient(
  store: Store,
  runId: string,
  isOver: (epoch: number) => boolean,
): Promise<void> {
  for (const prefix of [runKeys.allWeights(runId), runKeys.allGradients(runId)]) {
    const objects = await store.list(prefix);
    const keys = objects.map(({ key }) => key);
    await store.remove(keys.filter((key) => isOver(epochInKey(key) ?? 0)));
  }
}
