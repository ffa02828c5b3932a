import type { Command } from 'commander';
import { LambduelError, UsageError } from '../errors.ts';
import { readChartLibrary } from '../observe/report/chart-library.ts';
import { renderTimeline } from '../observe/timeline/page.ts';
import { readTimeline } from '../observe/timeline/read-timeline.ts';
import { NO_TIMELINE } from '../observe/timeline/section.ts';
import { timelineSummary } from '../observe/timeline/summary.ts';
import { runKeys } from '../run/record/keys.ts';
import { readConfig } from '../run/record/runs.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { writeWholeFile } from './write-file.ts';

interface TimelineOptions extends TargetOptions {
  readonly from?: string;
  readonly iterations?: string;
  readonly out?: string;
}

/** `lambduel timeline`: draw what coordinator and workers did when, and say where the time went. */
export function addTimeline(program: Command, context: CliContext): void {
  program
    .command('timeline')
    .description(
      'draw what coordinator and workers did when, as a page that opens without a network',
    )
    .argument('<run>', "the run's id")
    .option('--from <n>', 'the first iteration, from 0 (default: the last that are recorded)')
    .option('--iterations <n>', 'how many iterations, at most (default: 5)')
    .option(
      '--out <file>',
      "the file to write (default: in the run's folder, on AWS RUN-timeline.html)",
    )
    .action((runId: string, options: TimelineOptions) => drawTimeline(context, runId, options));
}

async function drawTimeline(
  context: CliContext,
  runId: string,
  options: TimelineOptions,
): Promise<void> {
  requireRunId(runId);
  const from = wholeNumber('--from', options.from, 0);
  const iterations = wholeNumber('--iterations', options.iterations, 1);
  const target = await openTarget(options);
  const { store } = target;
  const config = await readConfig(store, runId);
  const stretch = await readTimeline(store, runId, { from, iterations });
  if (!stretch) throw new LambduelError(NO_TIMELINE);
  const page = Buffer.from(renderTimeline(config, stretch, await readChartLibrary()));
  const out = options.out ?? target.pageFile(`${runId}-timeline`);
  const key = runKeys.timelinePage(runId);
  if (out === undefined) await store.put(key, page);
  else await writeWholeFile(out, page);
  for (const line of timelineSummary(stretch)) printLine(context, line);
  tell(context, out ?? target.locate(key));
}

/** @throws UsageError when an option is something else */
function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw new UsageError(`${option} ${text}: it must be a whole number from ${least} on`);
}
