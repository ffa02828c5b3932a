import Table from 'cli-table3';
import type { Command } from 'commander';
import { formatDuration } from '../observe/format.ts';
import { listRuns, type RunSummary, summarize } from '../run/runs.ts';
import { type CliContext, openStore, printLine, type StoreOptions, tell } from './context.ts';

/** `lambduel runs`: a table of the store's runs. */
export function addRuns(program: Command, context: CliContext): void {
  program
    .command('runs')
    .description('list the runs of the store')
    .action(async (options: StoreOptions) => {
      const store = await openStore(options);
      const ids = await listRuns(store);
      if (ids.length === 0) {
        tell(context, `No runs in ${store.root} yet; start one with \`lambduel train\`.`);
        return;
      }
      const table = new Table({
        head: ['run', 'status', 'iteration', 'preset', 'time'],
        style: { head: [], border: [] },
      });
      for (const id of ids) table.push(await row(store, id));
      printLine(context, table.toString());
    });
}

async function row(store: Parameters<typeof summarize>[0], id: string): Promise<string[]> {
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
