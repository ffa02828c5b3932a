import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { summarize } from '../run/record/runs.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { formatLog, jsonLog, RUNTIME_FAULTS, readLogLine } from './log-lines.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';

interface LogsOptions extends TargetOptions {
  readonly since?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `lambduel logs`: what went wrong in the functions. */
export function addLogs(program: Command, context: CliContext): void {
  program
    .command('logs')
    .description("show the warnings and errors that a run's functions logged, on AWS")
    .argument('<run>', "the run's id")
    .option('--since <time>', 'how far back, as 90m, 2h or 1d (default: to the start of the run)')
    .option('--all', 'lines of all levels')
    .option('--json', 'one JSON object a line')
    .action((runId: string, options: LogsOptions) => showLogs(context, runId, options));
}

async function showLogs(context: CliContext, runId: string, options: LogsOptions): Promise<void> {
  requireRunId(runId);
  const since = options.since === undefined ? undefined : sinceWhen(options.since);
  const { store, logs } = await openTarget(options);
  if (!logs) {
    throw new UsageError('logs shows what functions on AWS have logged', {
      hint: 'Add --target aws. Why a run on this machine failed is in `lambduel status`.',
    });
  }
  const { config, head } = await summarize(store, runId);
  const from = since ?? Date.parse(config.createdAt);
  const lines = await logs.read([runId, ...RUNTIME_FAULTS], from);
  const ended = head.status === 'running' ? undefined : Date.parse(head.updatedAt) + AFTERMATH_MS;
  const shown = lines
    .flatMap((line) => readLogLine(line, runId) ?? [])
    .filter(({ isProblem }) => isProblem || options.all)
    .filter(({ namesRun, time }) => namesRun || ended === undefined || time <= ended)
    .sort((a, b) => a.time - b.time);
  for (const entry of shown) printLine(context, options.json ? jsonLog(entry) : formatLog(entry));
  if (shown.length > 0) return;
  const what = options.all ? 'lines' : 'warnings or errors';
  tell(context, `No ${what} of run ${runId} since ${new Date(from).toISOString()}.`);
}

/** Lines of the runtime this long after a run's end are not about the run. */
const AFTERMATH_MS = 60_000;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds since 1970 */
function sinceWhen(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return Math.max(0, Date.now() - Number(count) * (UNIT_MS[unit] as number));
  }
  throw new UsageError(`--since ${text}: must be a number of minutes, hours or days`, {
    hint: 'As 90m, 2h or 1d.',
  });
}
