import { join } from 'node:path';
import type { Command } from 'commander';
import { writeReport } from '../observe/report/write-report.ts';
import { type CliContext, openStore, type StoreOptions, tell } from './context.ts';
import { requireRunId } from './run-id.ts';

/** `lambduel report`: write a run's report anew, in the middle of it as well. */
export function addReport(program: Command, context: CliContext): void {
  program
    .command('report')
    .description("write a run's report, a page that opens without a network")
    .argument('<run>', "the run's id")
    .action(async (runId: string, options: StoreOptions) => {
      requireRunId(runId);
      const store = await openStore(options);
      const key = await writeReport(store, runId);
      tell(context, join(store.root, key));
    });
}
