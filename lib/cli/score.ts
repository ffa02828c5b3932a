import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { chooseBackend } from '../backend/choose.ts';
import { loadBackend } from '../backend/load.ts';
import type { Dataset } from '../data/dataset.ts';
import { DatasetCache } from '../data/dataset.ts';
import { DIGITS } from '../data/digits.ts';
import { listPictures, readImageFolder } from '../data/image-folder.ts';
import { findDataset } from '../data/list.ts';
import { LambduelError, UsageError } from '../errors.ts';
import { StreamTag } from '../numeric/random.ts';
import { shapeText } from '../program/example-shape.ts';
import { generateImages } from '../run/worker/generate.ts';
import { scoreImages } from '../run/worker/score-images.ts';
import { type ImageSet, spread } from '../score/images.ts';
import { scoreTitles } from '../score/metrics.ts';
import type { Store } from '../store/store.ts';
import { MAX_SCORED } from '../wire/messages.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { isGeneratorFile, type NamedGenerator, readGenerator } from './read-generator.ts';

const optionsSchema = z.object({
  count: z.coerce.number().int().min(10).max(MAX_SCORED),
  dataset: z.string().optional(),
  json: z.boolean().default(false),
  backend: z.enum(['auto', 'native', 'wasm']),
});

/** `lambduel score`: how good generated images are, in numbers. */
export function addScore(program: Command, context: CliContext): void {
  program
    .command('score')
    .description('tell in numbers how good generated images are')
    .argument('<source>', "a run's id, a generator's .safetensors file, or a folder of images")
    .option('--dataset <name>', 'what to compare with (default: what it was trained on, or digits)')
    .option('--count <n>', 'images to score', '2000')
    .option('--json', 'as one JSON object')
    .option('--allow-program', "run the code of a program file that a generator's file holds")
    .option('--backend <name>', 'auto, native or wasm', 'auto')
    .action((source: string, options: TargetOptions) => score(context, source, options));
}

async function score(context: CliContext, source: string, raw: TargetOptions): Promise<void> {
  const options = parseOptions(raw);
  const { store } = await openTarget(raw);
  const folder = !isGeneratorFile(source) && (await isFolder(source));
  const generator = folder ? undefined : await readGenerator(source, raw);
  const dataset = await loadDataset(store, options.dataset, generator);
  const images = generator ? undefined : await readFolder(source, options.count, dataset);
  if (generator) checkShape(dataset, generator.program.exampleShape, generator.name);
  const { tf, ...backend } = await loadBackend(chooseBackend(options.backend), 1);
  const generated = images ?? draw({ tf, ...backend }, generator as NamedGenerator, options.count);
  const scores = await scoreImages({ store, tf }, dataset, generated);
  const { name, sha256 } = dataset.meta;
  const of = { source, dataset: { name, sha256 }, count: generated.count };
  if (options.json) return printLine(context, JSON.stringify({ ...of, ...scores }));
  tell(context, `${generated.count} images of ${generator?.name ?? source} against ${name}`);
  for (const [key, title] of Object.entries(scoreTitles)) {
    const value = scores[key];
    if (value !== undefined) printLine(context, `${title.padEnd(36)} ${shown(value)}`);
  }
}

function shown(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toPrecision(4);
}

function parseOptions(raw: unknown): z.infer<typeof optionsSchema> {
  const options = optionsSchema.safeParse(raw);
  if (options.success) return options.data;
  const problems = options.error.issues.map(
    ({ path, message }) => `--${path.join('.')}: ${message}`,
  );
  throw new UsageError(problems.join('; '));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function loadDataset(
  store: Store,
  name: string | undefined,
  generator: NamedGenerator | undefined,
): Promise<Dataset> {
  const trainedOn = generator?.dataset;
  // Asking for the built-in digits by their name packs them.
  const wanted = name ?? (trainedOn && trainedOn.name !== DIGITS ? undefined : DIGITS);
  const reference = wanted === undefined ? trainedOn : await findDataset(store, wanted);
  if (!reference) throw new Error('No dataset was found');
  return new DatasetCache(store).load(reference);
}

/** Images of a folder, evenly spread, in the order of their names. */
async function readFolder(path: string, count: number, dataset: Dataset): Promise<ImageSet> {
  const { shape } = dataset.meta;
  const files = await listPictures(path);
  const pictures = [...spread(count, files.pictures.length)].map(
    (i) => files.pictures[i] as string,
  );
  if (pictures.length < 2) {
    throw new LambduelError(`The folder ${path} has one picture: a score needs at least two`);
  }
  const images = await readImageFolder(path, { ...files, pictures }, { grey: shape[2] === 1 });
  checkShape(dataset, images.shape, path);
  const values = Float32Array.from(images.images, (value) => value / 255);
  return { values, count: images.examples, shape };
}

function checkShape(
  { meta: { name, shape } }: Dataset,
  own: readonly number[],
  what: string,
): void {
  if (shape.join() === own.join()) return;
  const [height = 0, width = 0, channels = 0] = own;
  throw new LambduelError(
    `${what}: its images are of ${shapeText([height, width, channels])} pixels, those of dataset ${name} of ${shapeText(shape)}`,
    { hint: 'Choose the dataset that it was trained on with --dataset.' },
  );
}

function draw(
  backend: Parameters<typeof generateImages>[0],
  generator: NamedGenerator,
  count: number,
): ImageSet {
  const drawing = { count, seed: generator.seed, tag: StreamTag.scoredImages };
  const values = generateImages(backend, generator, drawing);
  return { values, count, shape: generator.program.exampleShape };
}
