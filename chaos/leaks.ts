import { setTimeout as sleep } from 'node:timers/promises';
import { readMetricsObject } from '../lib/observe/metrics.ts';
import { TRACED_EVERY } from '../lib/run/coordinator/trace-job.ts';
import type { IterationReport } from '../lib/run/events.ts';
import { CheckpointReader } from '../lib/run/record/checkpoint.ts';
import { parseCheckpointFolder, parseTimelineKey, runKeys } from '../lib/run/record/keys.ts';
import { summarize } from '../lib/run/record/runs.ts';
import { DiskStore } from '../lib/store/disk.ts';
import type { Store } from '../lib/store/store.ts';
import { leftovers } from '../support/stored-run.ts';
import { processesWith, signal } from './processes.ts';

/** The coordinator keeps three; a checkpoint of a coordinator that died may be one of them. */
const CHECKPOINTS = 3;
const PROBLEMS_TOLD = 5;
const GRACE_MS = 10_000;

/** What a run must not leave in any store. */
export async function storeLeaks(store: Store, runId: string): Promise<string[]> {
  const leaks: string[] = [];
  for (const prefix of [runKeys.allWeights(runId), runKeys.allGradients(runId)]) {
    const objects = await store.list(prefix);
    if (objects.length > 0) leaks.push(`objects are left: ${objects.map(({ key }) => key)}`);
  }
  const timelines = await store.list(runKeys.allTimelines(runId));
  const strange = timelines.filter(({ key }) => !parseTimelineKey(key));
  if (strange.length > 0) leaks.push(`no timelines: ${strange.map(({ key }) => key)}`);
  const { config, head } = await summarize(store, runId);
  const { epoch } = head;
  if (timelines.length > epoch * (1 + Math.ceil(config.iterations / TRACED_EVERY))) {
    leaks.push(`${timelines.length} timelines are left by ${epoch} coordinators`);
  }
  const lanes = (await store.list(runKeys.allLanes(runId))).map(({ key }) => key);
  const named = await namedLanes(store, runId);
  const unnamed = lanes.filter((key) => !named.has(key));
  if (unnamed.length > 0) leaks.push(`lanes' states are left that nothing names: ${unnamed}`);
  const prefix = runKeys.allCheckpoints(runId);
  const checkpoints = (await store.list(prefix)).map(({ key }) => key.split('/')[3]);
  const count = new Set(checkpoints).size;
  if (count > CHECKPOINTS) leaks.push(`${count} checkpoints are left`);
  return leaks;
}

/** The lanes' states that a run's checkpoints name. */
async function namedLanes(store: Store, runId: string): Promise<Set<string>> {
  const prefix = runKeys.allCheckpoints(runId);
  const objects = await store.list(prefix);
  const named = new Set<string>();
  for (const { key } of objects.filter(({ key }) => key.endsWith('/meta.json'))) {
    const reference = parseCheckpointFolder(key.slice(prefix.length).split('/')[0] ?? '');
    const { lanes } = await CheckpointReader.open(store, runId, reference);
    for (const lane of lanes) named.add(lane.key);
  }
  return named;
}

/**
 * Whether each iteration is reported, and as it was undisturbed, bit for bit: by every coordinator
 * that played it, so that damage is found also where a crash undid it.
 */
export async function metricsProblems(
  store: Store,
  runId: string,
  undisturbed: readonly IterationReport[],
): Promise<string[]> {
  const wanted = undisturbed.map(({ metrics }) => JSON.stringify(metrics));
  const objects = await store.list(runKeys.allMetrics(runId));
  const reports = await Promise.all(objects.map(({ key }) => readMetricsObject(store, key)));
  const found = new Set(reports.flat().map(({ iteration }) => iteration));
  const problems = reports
    .flat()
    .filter(({ iteration, metrics }) => JSON.stringify(metrics) !== wanted[iteration])
    .map(({ iteration, epoch }) => `iteration ${iteration} of epoch ${epoch} has other metrics`);
  if (found.size !== wanted.length) {
    problems.push(`metrics are missing: there are ${found.size} of ${wanted.length} iterations`);
  }
  return problems.slice(0, PROBLEMS_TOLD);
}

/** Files that are no objects. Opening the store clears what dead processes left. */
export async function fileLeaks({ root }: DiskStore): Promise<string[]> {
  await DiskStore.open(root);
  const files = await leftovers(root);
  return files.length > 0 ? [`files are left: ${files}`] : [];
}

/** Processes that are about this folder; those that are left are ended. */
export async function processLeaks(folder: string): Promise<string[]> {
  const until = performance.now() + GRACE_MS;
  for (;;) {
    const pids = (await processesWith(folder)).filter((pid) => pid !== process.pid);
    if (pids.length === 0) return [];
    if (performance.now() > until) {
      for (const pid of pids) signal(pid, 'SIGKILL');
      return [`processes are left: ${pids}`];
    }
    await sleep(100);
  }
}
