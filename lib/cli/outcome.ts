import { join, relative } from 'node:path';
import type { Head, RunStatus } from '../run/head.ts';
import { runKeys } from '../run/keys.ts';
import { summarize } from '../run/runs.ts';
import type { DiskStore } from '../store/disk.ts';
import { type CliContext, tell } from './context.ts';

/** Say how a run ended, and name the files that it has made. */
export async function tellOutcome(
  context: CliContext,
  store: DiskStore,
  runId: string,
  status: RunStatus,
): Promise<void> {
  const { config, head } = await summarize(store, runId);
  const progress = `${head.iteration} of ${config.iterations} iterations`;
  tell(context, `\nRun ${runId} is ${status} after ${progress}.`);
  for (const [what, key] of await filesOf(store, head)) {
    tell(context, `  ${what.padEnd(8)} ${pathOf(store, key)}`);
  }
  if (status === 'stopped') tell(context, `Go on with: npx lambduel resume ${runId}`);
}

/** A key's file as a path from the folder that the command is run in, where that is shorter. */
function pathOf(store: DiskStore, key: string): string {
  const path = join(store.root, key);
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? fromHere : path;
}

async function filesOf(store: DiskStore, head: Head): Promise<[string, string][]> {
  const { runId } = head;
  const objects = await store.list(runKeys.run(runId));
  const keys = new Set(objects.map(({ key }) => key));
  const files: [string, string][] = [
    ['samples', runKeys.samples(runId, head.iteration)],
    ['sample', runKeys.singleSample(runId)],
    ['report', runKeys.report(runId)],
  ];
  if (head.checkpoint) {
    const { iteration, epoch } = head.checkpoint;
    const prefix = runKeys.checkpoint(runId, iteration, epoch);
    const weights = [...keys].filter((key) => key.startsWith(prefix) && !key.includes('/adam-'));
    for (const key of weights) if (key.endsWith('.safetensors')) files.push(['weights', key]);
  }
  return files.filter(([, key]) => keys.has(key));
}
