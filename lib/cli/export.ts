import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { type CliContext, tell } from './context.ts';
import { exportGenerator, type GeneratorForm } from './export-generator.ts';
import { exportTensorBoard } from './export-tensorboard.ts';
import type { GeneratorOptions } from './read-generator.ts';
import { requireNewFolder, writeWholeFolder } from './write-folder.ts';

interface ExportOptions extends GeneratorOptions {
  readonly tfjs?: string;
  readonly savedmodel?: string;
  readonly tensorboard?: string;
}

const GENERATOR_FORMS = ['tfjs', 'savedmodel'] as const satisfies readonly GeneratorForm[];
/** All forms, in the order in which they are written. Each has an option of its name. */
const FORMS = [...GENERATOR_FORMS, 'tensorboard'] as const;

/** `lambduel export`: a trained generator for other programs. */
export function addExport(program: Command, context: CliContext): void {
  program
    .command('export')
    .description('write a trained generator, or the metrics of its run, in the form of other tools')
    .argument('<source>', "a run's id, or a generator's .safetensors file")
    .option('--tfjs <dir>', 'a folder for a TensorFlow.js graph model, for tf.loadGraphModel')
    .option('--savedmodel <dir>', "a folder for a SavedModel, for Python's TensorFlow")
    .option(
      '--tensorboard <dir>',
      "a folder for the run's metrics and sample grids, for TensorBoard",
    )
    .option('--allow-program', "run the code of a program file that a generator's file holds")
    .action((source: string, options: ExportOptions) => exportSource(context, source, options));
}

async function exportSource(
  context: CliContext,
  source: string,
  options: ExportOptions,
): Promise<void> {
  const forms = GENERATOR_FORMS.filter((form) => options[form] !== undefined);
  const wanted = FORMS.flatMap((form) => {
    const folder = options[form];
    return folder === undefined ? [] : [{ option: `--${form}`, folder }];
  });
  if (wanted.length === 0) {
    throw new UsageError('It is not said what to export', {
      hint: 'Give --tfjs DIR, --savedmodel DIR or --tensorboard DIR.',
    });
  }
  for (const { option, folder } of wanted) await requireNewFolder(folder, option);
  // All is made before anything is written.
  const made = forms.length === 0 ? [] : await exportGenerator(source, options, forms);
  if (options.tensorboard !== undefined) made.push(await exportTensorBoard(source, options));
  for (const [i, { files, what }] of made.entries()) {
    const { option, folder } = wanted[i] as (typeof wanted)[number];
    await writeWholeFolder(folder, option, files);
    tell(context, `${folder}: ${what}`);
  }
}
