import type { Command } from 'commander';
import { DatasetCache } from '../data/dataset.ts';
import { findDataset } from '../data/list.ts';
import { encodeGrid, gridLayout } from '../observe/png.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { writeWholeFile } from './write-file.ts';

/** Images of a grid. */
const SHOWN = 64;

interface ShowOptions extends TargetOptions {
  readonly out: string;
}

/** `lambduel data show`: draw examples of a dataset. */
export function addDataShow(data: Command, context: CliContext): void {
  data
    .command('show')
    .description(`draw ${SHOWN} examples of a dataset, by class where it has labels`)
    .argument('<name>', "the dataset's name")
    .requiredOption('--out <file>', 'the PNG file to write')
    .action(async (name: string, { out, ...options }: ShowOptions) => {
      const { store } = await openTarget(options);
      const dataset = await new DatasetCache(store).load(await findDataset(store, name));
      const { shape, labels } = dataset.meta;
      const all = Uint32Array.from({ length: dataset.examples }, (_, i) => i);
      const classes = labels && dataset.gatherLabels(all);
      if (classes) all.sort((a, b) => (classes[a] as number) - (classes[b] as number) || a - b);
      const shown = evenlySpaced(all, SHOWN);
      const values = Uint8Array.from(dataset.gather(shown), (value) => Math.round(255 * value));
      await writeWholeFile(out, encodeGrid(values, shown.length, shape));
      tell(context, `${out}: ${shown.length} of the ${dataset.examples} images of ${name}`);
      if (!classes) return;
      const names = Array.from(shown, (i) => labels.classes[classes[i] as number] as string);
      const { columns } = gridLayout(shown.length, shape[0], shape[1]);
      for (let start = 0; start < names.length; start += columns) {
        const row = names.slice(start, start + columns).join(' ');
        printLine(context, `row ${start / columns + 1}: ${row}`);
      }
    });
}

/** Up to this many of these, with the first one among them. */
function evenlySpaced(all: Uint32Array, count: number): Uint32Array {
  const length = Math.min(count, all.length);
  return Uint32Array.from(
    { length },
    (_, i) => all[Math.floor((i * all.length) / length)] as number,
  );
}
