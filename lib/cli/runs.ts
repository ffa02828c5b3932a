import Table from 'cli-table3';
import type { Command } from 'commander';
import { formatDuration } from '../observe/format.ts';
import { listRuns, type RunSummary, summarize } from '../run/record/runs.ts';
import type { Store } from '../store/store.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';

/** How many runs are read at once. Each is two objects, which take tens of milliseconds on S3. */
const CONCURRENT_READS = 16;

/** `lambduel runs`: a table of the store's runs. */
export function addRuns(program: Command, context: CliContext): void {
  program
    .command('runs')
    .description('list the runs')
    .action(async (options: TargetOptions) => {
      const { store, name, options: again } = await openTarget(options);
      const ids = await listRuns(store);
      if (ids.length === 0) {
        tell(context, `No runs in ${name} yet; start one with \`lambduel train${again}\`.`);
        return;
      }
      const table = new Table({
        head: ['run', 'status', 'iteration', 'preset', 'time'],
        style: { head: [], border: [] },
      });
      for (let i = 0; i < ids.length; i += CONCURRENT_READS) {
        const some = ids.slice(i, i + CONCURRENT_READS);
        table.push(...(await Promise.all(some.map((id) => row(store, id)))));
      }
      printLine(context, table.toString());
    });
}

async function row(store: Store, id: string): Promise<string[]> {
  try {
    const summary = await summarize(store, id);
    const { config, head, status } = summary;
    const iteration = `${head.iteration}/${config.iterations}`;
    return [id, status, iteration, config.preset, formatDuration(elapsedMs(summary))];
  } catch {
    return [id, 'unreadable', '', '', '']; // `lambduel status` says why
  }
}

/** From the run's start to the last change of its head. */
function elapsedMs({ config, head }: RunSummary): number {
  return Math.max(0, Date.parse(head.updatedAt) - Date.parse(config.createdAt));
}
