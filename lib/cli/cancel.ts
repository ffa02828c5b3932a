import type { Command } from 'commander';
import { systemClock } from '../run/clock.ts';
import { cancelRun } from '../run/runs.ts';
import { type CliContext, openStore, type StoreOptions, tell } from './context.ts';
import { requireRunId } from './run-id.ts';

/** `lambduel cancel`: end a run for good. */
export function addCancel(program: Command, context: CliContext): void {
  program
    .command('cancel')
    .description('end a run for good, at a checkpoint')
    .argument('<run>', "the run's id")
    .action(async (runId: string, options: StoreOptions) => {
      requireRunId(runId);
      const done = await cancelRun(await openStore(options), runId, systemClock);
      tell(
        context,
        done
          ? `Run ${runId} is cancelled.`
          : `Run ${runId} has been asked to end; it will within seconds, at a checkpoint.`,
      );
    });
}
