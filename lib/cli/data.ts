import Table from 'cli-table3';
import type { Command } from 'commander';
import { DIGITS } from '../data/digits.ts';
import { importDataset } from '../data/import.ts';
import { findDataset, listDatasets } from '../data/list.ts';
import { shapeText } from '../program/example-shape.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';

interface ImportOptions extends TargetOptions {
  readonly name: string;
}

/** `lambduel data`: the datasets of a store. */
export function addData(program: Command, context: CliContext): void {
  const data = program.command('data').description('import and list datasets');
  data
    .command('import')
    .description('pack an IDX file (plain or gzipped) or a folder of grey PNG files as a dataset')
    .argument('<path>', 'the IDX file of images, or the folder')
    .requiredOption('--name <name>', 'what to call the dataset')
    .action(async (path: string, options: ImportOptions) => {
      const target = await openTarget(options);
      const meta = await importDataset(target.store, path, options.name);
      tell(
        context,
        `Dataset ${meta.name}: ${meta.examples} images of ${shapeText(meta.shape)} pixels`,
      );
      tell(context, `Train on it with: npx lambduel train --dataset ${meta.name}${target.options}`);
    });
  data
    .command('list')
    .description('list the packed datasets')
    .action(async (options: TargetOptions) => {
      const { store } = await openTarget(options);
      await findDataset(store, DIGITS); // packs it, so that it is in every list
      const table = new Table({
        head: ['name', 'images', 'shape', 'sha256', 'source'],
        style: { head: [], border: [] },
      });
      for (const { name, examples, shape, sha256, source } of await listDatasets(store)) {
        table.push([name, examples, shapeText(shape), sha256.slice(0, 12), source]);
      }
      printLine(context, table.toString());
    });
}
