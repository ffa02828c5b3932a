import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { chooseBackend } from '../backend/choose.ts';
import { loadBackend } from '../backend/load.ts';
import { LambduelError, messageOf, UsageError } from '../errors.ts';
import { encodeGrid } from '../observe/png.ts';
import { builtInPrograms } from '../program/built-in.ts';
import { exampleValues } from '../program/example-shape.ts';
import type { Program } from '../program/program.ts';
import { checkpointKeys, runKeys } from '../run/record/keys.ts';
import { summarize } from '../run/record/runs.ts';
import { programReference, trainSettingsSchema } from '../run/record/settings.ts';
import { generateImages } from '../run/worker/generate.ts';
import { encodeNpy } from '../wire/npy.ts';
import { type CliContext, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { requireRunId } from './run-id.ts';
import { writeWholeFile } from './write-file.ts';

const MAX_COUNT = { png: 10_000, npy: 1_000_000 } as const;

const optionsSchema = z.object({
  count: z.coerce.number().int().min(1),
  seed: z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  out: z.string(),
  backend: z.enum(['auto', 'native', 'wasm']),
});

/** `lambduel generate`: use a trained generator, without the trainer. */
export function addGenerate(program: Command, context: CliContext): void {
  program
    .command('generate')
    .description('draw images with a trained generator')
    .argument('<source>', "a run's id, or a generator's .safetensors file")
    .requiredOption('--count <n>', 'images to draw')
    .option('--seed <n>', 'seed of the noise', '0')
    .requiredOption(
      '--out <file>',
      'a .png grid, or a .npy file of float32, count x pixels, 0 to 1',
    )
    .option('--backend <name>', 'auto, native or wasm', 'auto')
    .action((source: string, options: TargetOptions) => generate(context, source, options));
}

async function generate(context: CliContext, source: string, raw: TargetOptions): Promise<void> {
  const options = parseOptions(raw);
  const { count, seed, out } = options;
  const format = formatOf(out, count);
  const { program, weights, name, runSeed } = await readGenerator(source, raw);
  const backend = await loadBackend(chooseBackend(options.backend), 1);
  const images = generateImages(backend, program, weights, name, { count, seed, runSeed });
  const shape = program.exampleShape;
  const bytes =
    format === 'npy'
      ? encodeNpy(images, [count, exampleValues(shape)])
      : encodeGrid(
          Uint8Array.from(images, (value) => Math.round(255 * value)),
          count,
          shape,
        );
  await writeWholeFile(out, bytes);
  tell(context, `${out}: ${count} ${count === 1 ? 'image' : 'images'} by ${name}`);
}

function parseOptions(raw: unknown): z.infer<typeof optionsSchema> {
  const options = optionsSchema.safeParse(raw);
  if (options.success) return options.data;
  const problems = options.error.issues.map(
    ({ path, message }) => `--${path.join('.')}: ${message}`,
  );
  throw new UsageError(problems.join('; '));
}

function formatOf(out: string, count: number): 'png' | 'npy' {
  const format = /\.(png|npy)$/i.exec(out)?.[1]?.toLowerCase() as 'png' | 'npy' | undefined;
  if (!format) throw new UsageError(`--out ${out}: the file must end in .png or .npy`);
  if (count <= MAX_COUNT[format]) return format;
  throw new UsageError(
    `--count ${count}: a .${format} file takes at most ${MAX_COUNT[format]} images`,
  );
}

interface Generator {
  readonly program: Program;
  readonly weights: Uint8Array;
  /** What the weights are, for messages. */
  readonly name: string;
  /** Seed of the run that trained it, where it is known. */
  readonly runSeed: number;
}

async function readGenerator(source: string, options: TargetOptions): Promise<Generator> {
  if (source.endsWith('.safetensors')) {
    const weights = await readFile(source).catch((cause: unknown) => {
      throw new LambduelError(`${source} cannot be read: ${messageOf(cause)}`, { cause });
    });
    const reference = programReference(trainSettingsSchema.parse({}));
    return { program: builtInPrograms().create(reference), weights, name: source, runSeed: 0 };
  }
  requireRunId(source);
  const { store } = await openTarget(options);
  const { config, head } = await summarize(store, source);
  if (!head.checkpoint) {
    throw new LambduelError(`Run ${source} has no checkpoint yet`, {
      hint: 'One is written every --checkpoint-every iterations, and at the end.',
    });
  }
  const program = builtInPrograms().create(config.program);
  const { iteration, epoch } = head.checkpoint;
  const folder = runKeys.checkpoint(source, iteration, epoch);
  const { bytes } = await store.get(checkpointKeys.file(folder, program.generator));
  const name = `run ${source}, iteration ${iteration}`;
  return { program, weights: bytes, name, runSeed: config.seed };
}
