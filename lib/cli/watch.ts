import type { Command } from 'commander';
import { readConfig } from '../run/record/runs.ts';
import type { CliContext } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { watchSession } from './watch-session.ts';

interface WatchOptions extends TargetOptions {
  readonly json?: boolean;
}

/** `lambduel watch`: show a run that another command or a function advances. */
export function addWatch(program: Command, context: CliContext): void {
  program
    .command('watch')
    .description('show a run as it goes, wherever it was started')
    .argument('<run>', "the run's id")
    .option('--json', 'one JSON object an iteration on standard output, from the first on')
    .action(async (runId: string, options: WatchOptions) => {
      requireRunId(runId);
      const target = await openTarget(options);
      await readConfig(target.store, runId); // whether there is such a run, before anything is drawn
      const json = options.json ?? false;
      await watchSession(context, target, runId, { json, from: json ? 0 : undefined });
    });
}
