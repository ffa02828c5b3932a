import { InvalidDataError, LambduelError, UsageError } from '../errors.ts';
import { builtInPrograms } from '../program/built-in.ts';
import type { ProgramSource } from '../program/program-source.ts';
import { programsIn, programsWith } from '../run/programs/program-library.ts';
import { averageFile, checkpointKeys, runKeys } from '../run/record/keys.ts';
import { type RunSummary, summarize } from '../run/record/runs.ts';
import { programReference, trainSettingsSchema } from '../run/record/settings.ts';
import { generatorLayout, type TrainedGenerator } from '../run/worker/generate.ts';
import { ObjectNotFoundError, type Store } from '../store/store.ts';
import { decodeGenerator, type GeneratorFile } from '../wire/generator-file.ts';
import type { DatasetReference } from '../wire/messages.ts';
import { decodeParameters, joinParameters } from '../wire/parameters.ts';
import { openTarget, type TargetOptions } from './open-target.ts';
import { readGivenFile } from './read-given-file.ts';
import { requireRunId } from './run-id.ts';

/** Where a person looks for a generator, and whether code that came with it may run. */
export interface GeneratorOptions extends TargetOptions {
  readonly allowProgram?: boolean;
}

/** A generator, and what is known about it. */
export interface NamedGenerator extends TrainedGenerator {
  /** What it is, for messages. */
  readonly name: string;
  /** The dataset that it was trained on, if known. */
  readonly dataset?: DatasetReference | undefined;
}

/**
 * A generator that a person names by a run's id or by a file. A file that is not a generator file
 * holds the weights of `mlp-gan`'s G, as its checkpoints do.
 *
 * @throws UsageError when a file has a program of its own, whose code nobody has allowed to run
 */
export async function readGenerator(
  source: string,
  options: GeneratorOptions,
): Promise<NamedGenerator> {
  if (!isGeneratorFile(source)) {
    requireRunId(source);
    const { store } = await openTarget(options);
    return readRunGenerator(store, source);
  }
  const bytes = await readGivenFile(source);
  const file = decodeGenerator(bytes, source);
  if (file) return fromFile(file, source, programsOf(file, source, options));
  const program = builtInPrograms().create(programReference(trainSettingsSchema.parse({})));
  const parameters = decodeParameters(generatorLayout(program), bytes, source);
  return { program, parameters, name: source, seed: 0 };
}

/** The programs that a generator file's is among: its own comes with it, as code. */
function programsOf(
  { program, bundle }: GeneratorFile,
  source: string,
  { allowProgram = false }: GeneratorOptions,
): ProgramSource {
  if (program.sha256 === undefined) return builtInPrograms();
  if (!allowProgram) {
    throw new UsageError(
      `${source} was trained by a program file, ${program.name}, and holds its code, which would run here`,
      { hint: 'Add --allow-program if you trust where the file comes from.' },
    );
  }
  if (bundle) return programsWith({ sha256: program.sha256, bytes: bundle });
  throw new InvalidDataError(`${source} is not valid: it lacks the code of its program`);
}

/** Whether a generator is named by its file rather than by its run. */
export function isGeneratorFile(source: string): boolean {
  return source.endsWith('.safetensors');
}

/**
 * The generator of the run's last checkpoint: from its generator file if that has its iteration. A
 * program file is the one that the config names and the store holds, not the one in the generator file.
 */
async function readRunGenerator(store: Store, runId: string): Promise<NamedGenerator> {
  const run = await summarize(store, runId);
  const { checkpoint } = run.head;
  if (!checkpoint) {
    throw new LambduelError(`Run ${runId} has no checkpoint yet`, {
      hint: 'One is written every --checkpoint-every iterations, and at the end.',
    });
  }
  const name = `run ${runId}, iteration ${checkpoint.iteration}`;
  const key = runKeys.generator(runId);
  const bytes = await getIfThere(store, key);
  const file = bytes && decodeGenerator(bytes, key);
  const programs = programsIn(store);
  if (file?.iteration === checkpoint.iteration) {
    return fromFile({ ...file, program: run.config.program }, name, programs);
  }
  return { ...(await fromCheckpoint(store, run, programs)), name };
}

async function fromCheckpoint(store: Store, { config, head }: RunSummary, programs: ProgramSource) {
  const { iteration = 0, epoch = 0 } = head.checkpoint ?? {};
  const program = await programs.load(config.program);
  const { generator } = program;
  const folder = runKeys.checkpoint(config.runId, iteration, epoch);
  const file = config.emaHalfLife > 0 ? averageFile(generator) : generator;
  const key = checkpointKeys.file(folder, file);
  const { bytes } = await store.get(key);
  const parameters = decodeParameters(generatorLayout(program), bytes, key);
  return { program, parameters, seed: config.seed, dataset: config.dataset };
}

/** @param source what the file is, for messages */
async function fromFile(
  file: GeneratorFile,
  source: string,
  programs: ProgramSource,
): Promise<NamedGenerator> {
  const { program: reference, tensors, statistics, seed, dataset } = file;
  const program = await programs.load(reference);
  if (file.shape.join() !== program.exampleShape.join() || file.latent !== program.latent) {
    throw new InvalidDataError(
      `${source} is not valid: its shape and latent size are not those of its program and settings`,
    );
  }
  const needed = program.standingStatistics !== undefined;
  if (needed !== statistics.length > 0) {
    throw new InvalidDataError(
      `${source} is not valid: ${needed ? 'it lacks the statistics that its program needs' : 'its program has no use for statistics'}`,
    );
  }
  const parameters = joinParameters(generatorLayout(program), tensors, source);
  return { program, parameters, statistics, seed, dataset, name: source };
}

async function getIfThere(store: Store, key: string): Promise<Uint8Array | undefined> {
  try {
    return (await store.get(key)).bytes;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
