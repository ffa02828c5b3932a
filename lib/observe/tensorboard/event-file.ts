import { iterationsOfSamples, runKeys } from '../../run/record/keys.ts';
import { readConfig } from '../../run/record/runs.ts';
import type { Store } from '../../store/store.ts';
import { readMetrics } from '../metrics.ts';
import { imageRecord, scalarsRecord, versionRecord } from './events.ts';

/** The tag of sample grids. */
const GRIDS = 'samples';

/** A run for TensorBoard. */
export interface EventFile {
  /** TensorBoard finds event files by their names. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly iterations: number;
  readonly grids: number;
}

/**
 * A run's metrics and sample grids as one TensorBoard event file. The metrics of iteration i are at step i,
 * the grid after n iterations at step n. Times are those of training: the run's start, and what its
 * iterations took.
 *
 * @throws RunNotFoundError; InvalidDataError when an object of metrics is damaged
 */
export async function eventFile(store: Store, runId: string): Promise<EventFile> {
  const { createdAt } = await readConfig(store, runId);
  const start = Date.parse(createdAt) / 1000;
  const reports = await readMetrics(store, runId);
  const records = [versionRecord(start)];
  const ends = new Map<number, number>();
  let seconds = start;
  for (const { iteration, metrics, ms } of reports) {
    seconds += ms / 1000;
    ends.set(iteration + 1, seconds);
    records.push(scalarsRecord({ seconds, step: iteration }, { ...metrics, iterationMs: ms }));
  }
  const grids = iterationsOfSamples(await store.list(runKeys.allSamples(runId)));
  for (const step of grids) {
    const { bytes } = await store.get(runKeys.samples(runId, step));
    records.push(imageRecord({ seconds: ends.get(step) ?? seconds, step }, GRIDS, bytes));
  }
  return {
    name: `events.out.tfevents.${Math.floor(start)}.lambduel-${runId}`,
    bytes: Buffer.concat(records),
    iterations: reports.length,
    grids: grids.length,
  };
}
