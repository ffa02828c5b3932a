import { UsageError } from '../errors.ts';
import { formatCount } from '../observe/format.ts';
import { eventFile } from '../observe/tensorboard/event-file.ts';
import type { Exported } from './export-generator.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { isGeneratorFile } from './read-generator.ts';
import { requireRunId } from './run-id.ts';

/** A run's metrics and sample grids for TensorBoard, also while it is trained. */
export async function exportTensorBoard(source: string, options: TargetOptions): Promise<Exported> {
  if (isGeneratorFile(source)) {
    throw new UsageError('--tensorboard is of a run: a generator file has no metrics', {
      hint: "Give the run's id.",
    });
  }
  requireRunId(source);
  const { store } = await openTarget(options);
  const { name, bytes, iterations, grids } = await eventFile(store, source);
  return {
    files: new Map([[name, bytes]]),
    what: `${formatCount(iterations, 'iteration')} and ${formatCount(grids, 'sample grid')} of run ${source} for TensorBoard`,
  };
}
