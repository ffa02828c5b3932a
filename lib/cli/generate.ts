import type { Command } from 'commander';
import { z } from 'zod';
import { chooseBackend } from '../backend/choose.ts';
import { loadBackend } from '../backend/load.ts';
import { UsageError } from '../errors.ts';
import { encodeGrid } from '../observe/png.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import type { Program } from '../program/program.ts';
import { generateImages } from '../run/worker/generate.ts';
import { encodeNpy } from '../wire/npy.ts';
import { type CliContext, tell } from './context.ts';
import type { TargetOptions } from './open-target.ts';
import { readGenerator } from './read-generator.ts';
import { writeWholeFile } from './write-file.ts';
import { requireEmptyFolder, writeImages } from './write-images.ts';

const MAX_COUNT = { png: 10_000, npy: 1_000_000, folder: 100_000 } as const;

const optionsSchema = z.object({
  count: z.coerce.number().int().min(1),
  seed: z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  label: z.coerce.number().int().nonnegative().optional(),
  out: z.string().optional(),
  folder: z.string().min(1).optional(),
  backend: z.enum(['auto', 'native', 'wasm']),
});

type Options = z.infer<typeof optionsSchema>;

/** `lambduel generate`: use a trained generator, without the trainer. */
export function addGenerate(program: Command, context: CliContext): void {
  program
    .command('generate')
    .description('draw images with a trained generator')
    .argument('<source>', "a run's id, or a generator's .safetensors file")
    .option('--count <n>', 'images to draw', '64')
    .option('--seed <n>', 'seed of the noise', '0')
    .option(
      '--label <n>',
      'the class of all images, of a conditional program (default: all in turn)',
    )
    .option('--out <file>', 'a .png grid, or a .npy file of float32, count x pixels, 0 to 1')
    .option('--folder <dir>', 'a folder for single PNG files, 00000.png and so on')
    .option('--allow-program', "run the code of a program file that a generator's file holds")
    .option('--backend <name>', 'auto, native or wasm', 'auto')
    .action((source: string, options: TargetOptions) => generate(context, source, options));
}

async function generate(context: CliContext, source: string, raw: TargetOptions): Promise<void> {
  const options = parseOptions(raw);
  const { count, seed, label, out, folder } = options;
  const format = out === undefined ? undefined : formatOf(out, count);
  if (folder !== undefined) await requireEmptyFolder(folder);
  const generator = await readGenerator(source, raw);
  checkLabel(generator.program, label);
  const backend = await loadBackend(chooseBackend(options.backend), 1);
  const images = generateImages(backend, generator, { count, seed, label });
  const shape = generator.program.exampleShape;
  const what = `${count} ${count === 1 ? 'image' : 'images'} by ${generator.name}`;
  if (out !== undefined) {
    const bytes =
      format === 'npy' ? encodeNpy(images, [count, exampleValues(shape)]) : grid(images, shape);
    await writeWholeFile(out, bytes);
    tell(context, `${out}: ${what}`);
  }
  if (folder !== undefined) {
    await writeImages(folder, toBytes(images), shape);
    tell(context, `${folder}: ${what}`);
  }
}

function grid(images: Float32Array, shape: ExampleShape): Uint8Array {
  return encodeGrid(toBytes(images), images.length / exampleValues(shape), shape);
}

function toBytes(images: Float32Array): Uint8Array {
  return Uint8Array.from(images, (value) => Math.round(255 * value));
}

function parseOptions(raw: unknown): Options {
  const options = optionsSchema.safeParse(raw);
  if (!options.success) {
    const problems = options.error.issues.map(
      ({ path, message }) => `--${path.join('.')}: ${message}`,
    );
    throw new UsageError(problems.join('; '));
  }
  const { out, folder, count } = options.data;
  if (out === undefined && folder === undefined) {
    throw new UsageError('--out or --folder is missing: where do the images go?', {
      hint: 'Give --out FILE.png, --out FILE.npy or --folder DIR.',
    });
  }
  if (folder !== undefined && count > MAX_COUNT.folder) {
    throw new UsageError(`--count ${count}: a folder takes at most ${MAX_COUNT.folder} images`);
  }
  return options.data;
}

function formatOf(out: string, count: number): 'png' | 'npy' {
  const format = /\.(png|npy)$/i.exec(out)?.[1]?.toLowerCase() as 'png' | 'npy' | undefined;
  if (!format) throw new UsageError(`--out ${out}: the file must end in .png or .npy`);
  if (count <= MAX_COUNT[format]) return format;
  throw new UsageError(
    `--count ${count}: a .${format} file takes at most ${MAX_COUNT[format]} images`,
  );
}

function checkLabel({ wantsLabels }: Program, label: number | undefined): void {
  if (label === undefined) return;
  if (!wantsLabels) {
    throw new UsageError(`--label ${label}: this generator knows no classes`, {
      hint: 'Leave --label out, or train with --conditional on a dataset with labels.',
    });
  }
  const { classes } = wantsLabels;
  if (label < classes) return;
  throw new UsageError(`--label ${label}: this generator knows ${classes} classes`, {
    hint: `Choose one of 0 to ${classes - 1}.`,
  });
}
