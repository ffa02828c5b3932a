import { formatInteger } from '../observe/format.ts';
import type { BilledTime, Head, RunStatus } from '../run/record/head.ts';
import { runKeys, weightsOfCheckpoint } from '../run/record/keys.ts';
import { summarize } from '../run/record/runs.ts';
import { type CliContext, tell } from './context.ts';
import type { Target } from './target.ts';

/** Say how a run ended, and name the objects that it has made. */
export async function tellOutcome(
  context: CliContext,
  target: Target,
  runId: string,
  status: RunStatus,
): Promise<void> {
  const { config, head } = await summarize(target.store, runId);
  const progress = `${head.iteration} of ${config.iterations} iterations`;
  tell(context, `\nRun ${runId} is ${status} after ${progress}${because(head)}.`);
  const objects = await target.store.list(runKeys.run(runId));
  const keys = objects.map(({ key }) => key);
  for (const [what, key] of filesOf(head, new Set(keys))) {
    tell(context, `  ${what.padEnd(8)} ${target.locate(key)}`);
  }
  if (head.billed) tell(context, describeBilled(head.billed, head.cost));
  if (status === 'stopped') {
    const limit = head.reason ? ', with a higher limit' : '';
    tell(context, `Continue with: npx lambduel resume ${runId}${target.options}${limit}`);
  }
  tell(context, 'What you can do next:');
  for (const command of nextCommands(runId, keys)) {
    tell(context, `  npx lambduel ${command}${target.options}`);
  }
}

/** Commands that show what a run has come to, by the objects that it has. */
function nextCommands(runId: string, keys: readonly string[]): string[] {
  const has = (prefix: string) => keys.some((key) => key.startsWith(prefix));
  return [
    ...(has(runKeys.allSamples(runId)) ? [`samples ${runId} --out samples.png`] : []),
    `generate ${runId} --out images.png`,
    `report ${runId}`,
    ...(has(runKeys.allTimelines(runId)) ? [`timeline ${runId}`] : []),
  ];
}

function describeBilled(billed: BilledTime, cost: number): string {
  const functions = [
    ['coordinator', billed.coordinatorMs],
    ['workers', billed.workersMs],
    ['resident workers', billed.residentsMs],
  ] as const;
  const told = functions
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name} ${formatInteger(Math.ceil(ms / 1000))} s`);
  return `Billed, as estimated: ${told.join(', ')}; in all about $${cost.toFixed(4)}`;
}

function because({ reason }: Head): string {
  return reason ? `: ${reason}` : '';
}

function filesOf(head: Head, keys: ReadonlySet<string>): [string, string][] {
  const { runId } = head;
  const files: [string, string][] = [
    ['samples', runKeys.samples(runId, head.iteration)],
    ['sample', runKeys.singleSample(runId)],
    ['report', runKeys.report(runId)],
  ];
  if (head.checkpoint) {
    const { iteration, epoch } = head.checkpoint;
    const folder = runKeys.checkpoint(runId, iteration, epoch);
    for (const key of weightsOfCheckpoint(folder, keys)) files.push(['weights', key]);
  }
  return files.filter(([, key]) => keys.has(key));
}
