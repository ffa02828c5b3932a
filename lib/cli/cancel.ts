import type { Command } from 'commander';
import { systemClock } from '../run/clock.ts';
import { cancelRun } from '../run/record/runs.ts';
import { type CliContext, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';

/** `lambduel cancel`: end a run for good. */
export function addCancel(program: Command, context: CliContext): void {
  program
    .command('cancel')
    .description('end a run for good, at a checkpoint')
    .argument('<run>', "the run's id")
    .action(async (runId: string, options: TargetOptions) => {
      requireRunId(runId);
      const { store } = await openTarget(options);
      const done = await cancelRun(store, runId, systemClock);
      tell(
        context,
        done
          ? `Run ${runId} is cancelled.`
          : `Run ${runId} has been asked to end; it will within seconds, at a checkpoint.`,
      );
    });
}
