import type { Command } from 'commander';
import { nativeIsInstalled } from '../backend/choose.ts';
import { LambduelError } from '../errors.ts';
import { RunEndedError } from '../run/lease.ts';
import { summarize } from '../run/runs.ts';
import { type CliContext, openStore, type StoreOptions, tell } from './context.ts';
import { requireRunId } from './run-id.ts';
import { runSession } from './session.ts';
import { readSettings, workerCount } from './train-settings.ts';

interface ResumeOptions extends StoreOptions {
  readonly workers?: string;
  readonly json?: boolean;
}

/** `lambduel resume`: go on with a run that was stopped, interrupted or failed. */
export function addResume(program: Command, context: CliContext): void {
  program
    .command('resume')
    .description('go on with a run from its last checkpoint')
    .argument('<run>', "the run's id")
    .option('--workers <n>', 'worker processes (default: as many as shards and cores allow)')
    .option('--json', 'one JSON object an iteration on standard output')
    .action(async (runId: string, options: ResumeOptions) => {
      requireRunId(runId);
      const settings = await readSettings({ workers: options.workers }, undefined);
      const store = await openStore(options);
      const { config, head } = await summarize(store, runId);
      if (head.status === 'finished' || head.status === 'cancelled') {
        throw new RunEndedError(runId, head.status);
      }
      if (config.backend === 'native' && !nativeIsInstalled()) {
        throw new LambduelError(
          `Run ${runId} was started with the native backend, which is not installed here`,
          { hint: 'See what is missing with `lambduel doctor`.' },
        );
      }
      const from = head.checkpoint?.iteration ?? 0;
      tell(context, `Run ${runId}: going on from iteration ${from} of ${config.iterations}`);
      const workers = workerCount(settings, config.shards);
      await runSession(context, store, runId, { workers, json: options.json ?? false });
    });
}
