import type { Command } from 'commander';
import { z } from 'zod';
import { chooseBackend } from '../backend/choose.ts';
import { loadBackend } from '../backend/load.ts';
import { UsageError } from '../errors.ts';
import { interpolate } from '../numeric/interpolate.ts';
import { normals, StreamTag, streamKey } from '../numeric/random.ts';
import { encodeGrid } from '../observe/png.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import type { Program } from '../program/program.ts';
import { generateImages } from '../run/worker/generate.ts';
import { encodeNpy } from '../wire/npy.ts';
import { type CliContext, tell } from './context.ts';
import { encodeGif } from './encode-gif.ts';
import type { TargetOptions } from './open-target.ts';
import { readGenerator } from './read-generator.ts';
import { writeWholeFile } from './write-file.ts';
import { requireEmptyFolder, writeImages } from './write-images.ts';

const MAX_COUNT = { png: 10_000, npy: 1_000_000, gif: 2000, folder: 100_000 } as const;
/** Images, or vectors of noise to go along, unless --count says. */
const DEFAULT_COUNT = { images: 64, vectors: 8 } as const;

const optionsSchema = z.object({
  count: z.coerce.number().int().min(1).optional(),
  interpolate: z.coerce.number().int().min(1).max(1000).optional(),
  seed: z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  label: z.coerce.number().int().nonnegative().optional(),
  out: z.string().optional(),
  folder: z.string().min(1).optional(),
  backend: z.enum(['auto', 'native', 'wasm']),
});

type Format = 'png' | 'npy' | 'gif';
/** Images of a strip, which is one row. */
const MAX_STRIP = 1000;

type Options = z.infer<typeof optionsSchema> & {
  /** Vectors of noise. */
  readonly count: number;
  /** Images, which are more if they are on the way from vector to vector. */
  readonly images: number;
};

/** `lambduel generate`: use a trained generator, without the trainer. */
export function addGenerate(program: Command, context: CliContext): void {
  program
    .command('generate')
    .description('draw images with a trained generator')
    .argument('<source>', "a run's id, or a generator's .safetensors file")
    .option(
      '--count <n>',
      'images to draw (default: 64), or with --interpolate images to go along (8)',
    )
    .option('--interpolate <n>', 'steps of the way from each image to the next: a strip, or a .gif')
    .option('--seed <n>', 'seed of the noise', '0')
    .option(
      '--label <n>',
      'the class of all images, of a conditional program (default: all in turn)',
    )
    .option(
      '--out <file>',
      'a .png grid, a .npy file of float32, images x pixels, 0 to 1, or a .gif of a way',
    )
    .option('--folder <dir>', 'a folder for single PNG files, 00000.png and so on')
    .option('--allow-program', "run the code of a program file that a generator's file holds")
    .option('--backend <name>', 'auto, native or wasm', 'auto')
    .action((source: string, options: TargetOptions) => generate(context, source, options));
}

async function generate(context: CliContext, source: string, raw: TargetOptions): Promise<void> {
  const options = parseOptions(raw);
  const { images: count, out, folder } = options;
  const format = out === undefined ? undefined : formatOf(out, options);
  if (folder !== undefined) await requireEmptyFolder(folder);
  const generator = await readGenerator(source, raw);
  checkLabel(generator.program, options.label);
  const backend = await loadBackend(chooseBackend(options.backend), 1);
  const images = generateImages(backend, generator, drawingOf(generator.program, options));
  const shape = generator.program.exampleShape;
  const what = `${count} ${count === 1 ? 'image' : 'images'} by ${generator.name}`;
  if (out !== undefined) {
    await writeWholeFile(out, await encode(format, images, shape, options));
    tell(context, `${out}: ${what}`);
  }
  if (folder !== undefined) {
    await writeImages(folder, toBytes(images), shape);
    tell(context, `${folder}: ${what}`);
  }
}

/** What to draw: images by themselves, or the way along them, all of it of one class. */
function drawingOf({ latent, wantsLabels }: Program, { count, images, ...options }: Options) {
  const { seed, interpolate: steps, label } = options;
  if (steps === undefined) return { count, seed, label };
  const vectors = normals(streamKey(seed, StreamTag.sampleGrid, 0), 0, count, latent);
  const noise = interpolate(vectors, latent, steps);
  return { count: images, seed, noise, label: label ?? (wantsLabels && 0) };
}

function encode(
  format: Format | undefined,
  images: Float32Array,
  shape: ExampleShape,
  { images: count, interpolate: steps }: Options,
): Uint8Array | Promise<Uint8Array> {
  if (format === 'npy') return encodeNpy(images, [count, exampleValues(shape)]);
  const values = toBytes(images);
  if (format === 'gif') return encodeGif(values, shape);
  return encodeGrid(values, count, shape, steps === undefined ? undefined : count);
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
  const { out, folder, interpolate: steps } = options.data;
  const count = options.data.count ?? DEFAULT_COUNT[steps === undefined ? 'images' : 'vectors'];
  const images = steps === undefined ? count : (count - 1) * steps + 1;
  if (out === undefined && folder === undefined) {
    throw new UsageError('--out or --folder is missing: where do the images go?', {
      hint: 'Give --out FILE.png, --out FILE.npy or --folder DIR.',
    });
  }
  if (folder !== undefined && images > MAX_COUNT.folder) {
    throw new UsageError(`--count ${count}: a folder takes at most ${MAX_COUNT.folder} images`);
  }
  return { ...options.data, count, images };
}

function formatOf(out: string, { count, images, interpolate: steps }: Options): Format {
  const format = /\.(png|npy|gif)$/i.exec(out)?.[1]?.toLowerCase() as Format | undefined;
  if (!format) throw new UsageError(`--out ${out}: the file must end in .png, .npy or .gif`);
  if (format === 'gif' && steps === undefined) {
    throw new UsageError(`--out ${out}: a .gif is of the way from image to image`, {
      hint: 'Add --interpolate N, or choose a .png or .npy file.',
    });
  }
  const most = format === 'png' && steps !== undefined ? MAX_STRIP : MAX_COUNT[format];
  if (images <= most) return format;
  const given = steps === undefined ? '' : ` --interpolate ${steps}`;
  throw new UsageError(`--count ${count}${given}: a .${format} file takes at most ${most} images`);
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
