import type { ProgramRegistry } from '../../program/registry.ts';
import { runKeys } from '../../run/record/keys.ts';
import type { Store } from '../../store/store.ts';
import { readChartLibrary } from './chart-library.ts';
import { renderPage } from './page.ts';
import { gatherReport } from './report-data.ts';

/**
 * Write a run's report: one page with its curves, samples, timing and settings, which opens from
 * disk without a network. It can be written at any time, also while the run is trained.
 *
 * @param programs the programs that the run's program may be one of
 * @returns the report's key
 * @throws RunNotFoundError
 */
export async function writeReport(
  store: Store,
  runId: string,
  programs: ProgramRegistry,
): Promise<string> {
  const [data, library] = await Promise.all([
    gatherReport(store, runId, programs),
    readChartLibrary(),
  ]);
  const key = runKeys.report(runId);
  await store.put(key, Buffer.from(renderPage(data, library)));
  return key;
}
