import type { Command } from 'commander';
import { writeReport } from '../observe/report/write-report.ts';
import { builtInPrograms } from '../program/built-in.ts';
import { type CliContext, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { writeWholeFile } from './write-file.ts';

interface ReportOptions extends TargetOptions {
  readonly out?: string;
}

/** `lambduel report`: write a run's report again, also while it is trained. */
export function addReport(program: Command, context: CliContext): void {
  program
    .command('report')
    .description("write a run's report, a page that opens without a network")
    .argument('<run>', "the run's id")
    .option('--out <file>', 'a file to write it to as well (default on AWS: RUN.html)')
    .action(async (runId: string, options: ReportOptions) => {
      requireRunId(runId);
      const target = await openTarget(options);
      const key = await writeReport(target.store, runId, builtInPrograms());
      const out = options.out ?? target.pageFile(runId);
      if (out !== undefined) {
        await writeWholeFile(out, (await target.store.get(key)).bytes);
        tell(context, out);
      }
      tell(context, target.locate(key));
    });
}
