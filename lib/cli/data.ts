import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { addDataImport } from './data-import.ts';
import { addDataList } from './data-list.ts';
import { addDataShow } from './data-show.ts';

/** `lambduel data`: the datasets of a store. */
export function addData(program: Command, context: CliContext): void {
  const data = program.command('data').description('import, list and show datasets');
  addDataImport(data, context);
  addDataList(data, context);
  addDataShow(data, context);
}
