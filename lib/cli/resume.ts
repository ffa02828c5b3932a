import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { chooseTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { readSettings } from './train-settings.ts';

interface ResumeOptions extends TargetOptions {
  readonly workers?: string;
  readonly fleet?: string;
  readonly maxMinutes?: string;
  readonly maxCost?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
}

/** `lambduel resume`: continue a run that was stopped, interrupted or failed. */
export function addResume(program: Command, context: CliContext): void {
  program
    .command('resume')
    .description('continue a run from its last checkpoint')
    .argument('<run>', "the run's id")
    .option('--workers <n>', 'workers: processes here, resident ones on AWS (default: see README)')
    .option('--fleet <kind>', 'on AWS: event or resident workers from now on')
    .option('--max-minutes <m>', 'another limit of minutes, over the whole run')
    .option('--max-cost <usd>', 'on AWS: another limit of US dollars, over the whole run')
    .option('--json', 'one JSON object an iteration on standard output')
    .option('--detach', "on AWS: do not wait for the run's end")
    .action(async (runId: string, options: ResumeOptions) => {
      requireRunId(runId);
      const { json = false, detach = false } = options;
      const choice = chooseTarget(options);
      const { workers, fleet, maxMinutes, maxCost } = options;
      const settings = await readSettings({ workers, fleet, maxMinutes, maxCost }, undefined);
      choice.check(settings, detach);
      const target = await choice.open();
      await target.resume(context, settings, { runId, json, detach });
    });
}
