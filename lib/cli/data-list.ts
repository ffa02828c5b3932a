import Table from 'cli-table3';
import type { Command } from 'commander';
import { DIGITS } from '../data/digits.ts';
import { findDataset, listDatasets } from '../data/list.ts';
import { shapeText } from '../program/example-shape.ts';
import { type CliContext, printLine } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';

/** `lambduel data list`. */
export function addDataList(data: Command, context: CliContext): void {
  data
    .command('list')
    .description('list the packed datasets')
    .action(async (options: TargetOptions) => {
      const { store } = await openTarget(options);
      await findDataset(store, DIGITS); // packs it, so that it is in every list
      const table = new Table({
        head: ['name', 'images', 'shape', 'classes', 'mirror', 'sha256', 'source'],
        style: { head: [], border: [] },
      });
      for (const meta of await listDatasets(store)) {
        const { name, examples, shape, labels, mirror, sha256, source } = meta;
        const classes = labels?.classes.length ?? '-';
        const hash = sha256.slice(0, 12);
        table.push([name, examples, shapeText(shape), classes, mirror ? 'yes' : '-', hash, source]);
      }
      printLine(context, table.toString());
    });
}
