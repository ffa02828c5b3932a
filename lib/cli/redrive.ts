import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { redrive } from '../run/coordinator/dead-letters.ts';
import { readConfig } from '../run/record/runs.ts';
import { type CliContext, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';

/** `lambduel redrive`: send a run's dead jobs to the workers again. */
export function addRedrive(program: Command, context: CliContext): void {
  program
    .command('redrive')
    .description('send the jobs of a run that no worker could do to the workers again, on AWS')
    .argument('<run>', "the run's id")
    .action(async (runId: string, options: TargetOptions) => {
      requireRunId(runId);
      const { store, deadLetters } = await openTarget(options);
      if (!deadLetters) {
        throw new UsageError('redrive is for the dead letters of a stack on AWS', {
          hint: 'Add --target aws. On this machine there is no queue between commands.',
        });
      }
      await readConfig(store, runId);
      const sent = await redrive(deadLetters.dead, deadLetters.jobs, runId);
      tell(context, `${sent} ${sent === 1 ? 'job' : 'jobs'} of run ${runId} sent again.`);
    });
}
