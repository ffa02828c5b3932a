import type { Command } from 'commander';
import { z } from 'zod';
import { describeBadFiles, listed } from '../data/bad-files.ts';
import { MAX_SIDE } from '../data/images.ts';
import { type Imported, importDataset } from '../data/import.ts';
import { UsageError } from '../errors.ts';
import { formatCount } from '../observe/format.ts';
import { DCGAN_SIZES } from '../program/dcgan-settings.ts';
import { shapeText } from '../program/example-shape.ts';
import { type CliContext, tell } from './context.ts';
import { ImportProgress } from './import-progress.ts';
import { openTarget, type TargetOptions } from './open-target.ts';

interface Options extends TargetOptions {
  readonly name: string;
  readonly size?: string;
  readonly grey?: true;
  readonly mirror?: true;
  readonly labels?: string;
  readonly skipBad?: true;
}

/** `lambduel data import`: make a dataset of files. */
export function addDataImport(data: Command, context: CliContext): void {
  data
    .command('import')
    .description('pack an IDX file (plain or gzipped) or a folder of pictures as a dataset')
    .argument('<path>', 'the IDX file of images, or the folder of PNG, JPEG and WebP files')
    .requiredOption('--name <name>', 'what to call the dataset')
    .option('--size <n>', 'crop pictures to their central square, and scale it to n x n pixels')
    .option('--grey', 'convert pictures to grey')
    .option('--mirror', 'mirror images at random while training')
    .option('--labels <what>', '"folders" (classes are subfolders), or an IDX file of labels')
    .option('--skip-bad', 'leave out pictures that cannot be read')
    .action((path: string, options: Options) => importFiles(context, path, options));
}

async function importFiles(context: CliContext, path: string, options: Options): Promise<void> {
  const { name, grey, mirror, labels, skipBad } = options;
  const size = parseSize(options.size);
  const target = await openTarget(options);
  const progress = new ImportProgress(context.stderr);
  let imported: Imported;
  try {
    imported = await importDataset(target.store, path, {
      ...{ name, size, grey, mirror, labels, skipBad },
      onProgress: (done, total) => progress.read(done, total),
      onPacking: (bytes) => progress.pack(bytes),
    });
  } finally {
    progress.close();
  }
  tellImported(context, imported);
  tell(context, howToTrain(imported.meta, target.options));
}

function tellImported(context: CliContext, { meta, others, skipped }: Imported): void {
  const { name, examples, shape, labels, mirror } = meta;
  const parts = [`${examples} images of ${shapeText(shape)} pixels`];
  if (labels) parts.push(`${labels.classes.length} classes`);
  if (mirror) parts.push('mirrored at random while training');
  tell(context, `Dataset ${name}: ${parts.join(', ')}`);
  if (others.length > 0) {
    tell(context, `Ignored ${formatCount(others.length, 'other file')}: ${listed(others)}`);
  }
  if (skipped.length > 0) {
    const count = formatCount(skipped.length, 'bad picture');
    tell(context, `Left out ${count}: ${describeBadFiles(skipped)}`);
  }
}

/** The command whose program takes images of this shape, or the sizes that there are programs for. */
function howToTrain({ name, shape }: Imported['meta'], options: string): string {
  const [height, width, channels] = shape;
  if (height !== width || !DCGAN_SIZES.some((size) => size === height)) {
    return `The built-in programs train on squares of ${DCGAN_SIZES.join(', ')} pixels: import pictures with one of these as --size`;
  }
  const isForDefault = height === 28 && channels === 1;
  const program = isForDefault ? '' : `--preset dcgan --size ${height} `;
  return `Train on it with: npx lambduel train ${program}--dataset ${name}${options}`;
}

function parseSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = z.coerce.number().int().min(1).max(MAX_SIDE).safeParse(text);
  if (/^\d+$/.test(text) && size.success) return size.data;
  throw new UsageError(`--size ${text}: it must be a whole number from 1 to ${MAX_SIDE}`, {
    hint: 'Give the rows and columns that the program trains on, such as --size 32.',
  });
}
