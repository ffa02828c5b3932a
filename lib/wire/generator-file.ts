import { z } from 'zod';
import { InvalidDataError } from '../errors.ts';
import {
  bundleHashSchema,
  type ProgramReference,
  programNameSchema,
  programReferenceSchema,
} from '../program/program-reference.ts';
import { parseJson } from './json-object.ts';
import { type DatasetReference, datasetReferenceSchema } from './messages.ts';
import { decodeTensors, encodeTensors, type RawTensor } from './safetensors.ts';

/** Begins the names of standing statistics, which networks' tensors do not have. */
const STATISTICS = 'statistics.';
/** The bundle of a program file, as bytes. No network has this name. */
const BUNDLE = 'program';
const FORMAT = 'lambduel-generator-1';

const whole = z.string().regex(/^\d{1,16}$/);
const number = z
  .string()
  .refine((text) => text !== '' && Number.isFinite(Number(text)), 'must be a number');

/** The metadata of a safetensors file are texts. Other values are written as JSON. */
const metadataSchema = z.object({
  format: z.literal(FORMAT),
  program: programNameSchema,
  programSha256: bundleHashSchema.optional(),
  settings: z.string(),
  shape: z.string(),
  latent: whole,
  seed: whole,
  iteration: whole,
  runId: z.string(),
  dataset: z.string(),
  score: number.optional(),
});

/** The metadata of a generator file. */
export interface GeneratorDescription {
  readonly program: ProgramReference;
  /** The shape of an image: `[height, width, channels]`. */
  readonly shape: readonly number[];
  /** Length of a noise vector. */
  readonly latent: number;
  /** The seed of the run that trained it. */
  readonly seed: number;
  /** Iterations complete. */
  readonly iteration: number;
  readonly runId: string;
  /** What it was trained on. */
  readonly dataset: DatasetReference;
  /** For the best generator of a run: the score that chose it. Lower is better. */
  readonly score?: number | undefined;
}

/** Everything that drawing images needs. */
export interface GeneratorFile extends GeneratorDescription {
  /** The generator network's tensors, by their stored names, such as `G.w1`. */
  readonly tensors: readonly RawTensor[];
  /** What its normalizing layers use, such as `mean0`; none if it has no such layers. */
  readonly statistics: readonly RawTensor[];
  /** Of a program file: its bundle, which nobody has checked yet. */
  readonly bundle?: Uint8Array | undefined;
}

/** A generator as one safetensors file: weights, `statistics.*`, and a description as metadata. */
export function encodeGenerator(file: GeneratorFile): Uint8Array {
  const { program, shape, latent, seed, iteration, runId, dataset, score, bundle } = file;
  const statistics = file.statistics.map((tensor) => ({
    ...tensor,
    name: `${STATISTICS}${tensor.name}`,
  }));
  const code = bundle && {
    name: BUNDLE,
    dtype: 'U8' as const,
    shape: [bundle.length],
    data: bundle,
  };
  return encodeTensors({
    tensors: [...file.tensors, ...statistics, ...(code ? [code] : [])],
    metadata: {
      format: FORMAT,
      program: program.name,
      ...(program.sha256 === undefined ? {} : { programSha256: program.sha256 }),
      settings: JSON.stringify(program.settings),
      shape: JSON.stringify(shape),
      latent: `${latent}`,
      seed: `${seed}`,
      iteration: `${iteration}`,
      runId,
      dataset: JSON.stringify(dataset),
      ...(score === undefined ? {} : { score: `${score}` }),
    },
  });
}

/**
 * Read a generator file.
 *
 * @param source what the bytes are, for messages
 * @returns undefined for another safetensors file, such as a checkpoint's
 * @throws InvalidDataError when it is not a safetensors file, or not a valid generator file
 */
export function decodeGenerator(bytes: Uint8Array, source: string): GeneratorFile | undefined {
  const { tensors: all, metadata } = decodeTensors(bytes, source);
  if (metadata.format !== FORMAT) return undefined;
  const told = metadataSchema.safeParse(metadata);
  if (!told.success) {
    throw new InvalidDataError(
      `The metadata of ${source} is not a generator's: ${z.prettifyError(told.error)}`,
    );
  }
  const { program: name, settings, shape, latent, seed, iteration, dataset, score } = told.data;
  const json = <T>(schema: z.ZodType<T>, text: string, what: string) =>
    parseJson(schema, text, `${what} of ${source}`);
  const { programSha256: sha256 } = told.data;
  const tensors = all.filter(({ name: tensor }) => tensor !== BUNDLE);
  const bundle = all.find(({ name: tensor }) => tensor === BUNDLE)?.data;
  const odd = tensors.find(({ dtype }) => dtype !== 'F32');
  if (odd) throw new InvalidDataError(`${source}: tensor ${odd.name} is ${odd.dtype}, not F32`);
  const isStatistic = (tensor: RawTensor) => tensor.name.startsWith(STATISTICS);
  return {
    program: programReferenceSchema.parse({
      name,
      settings: json(z.record(z.string(), z.unknown()), settings, 'The settings'),
      ...(sha256 === undefined ? {} : { sha256 }),
    }),
    shape: json(z.array(z.number().int().positive()).length(3), shape, 'The shape'),
    latent: Number(latent),
    seed: Number(seed),
    iteration: Number(iteration),
    runId: told.data.runId,
    dataset: json(datasetReferenceSchema, dataset, 'The dataset'),
    ...(score === undefined ? {} : { score: Number(score) }),
    ...(bundle ? { bundle } : {}),
    tensors: tensors.filter((tensor) => !isStatistic(tensor)),
    statistics: tensors
      .filter(isStatistic)
      .map((tensor) => ({ ...tensor, name: tensor.name.slice(STATISTICS.length) })),
  };
}
