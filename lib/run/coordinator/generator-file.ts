import { InvalidDataError } from '../../errors.ts';
import {
  ObjectChangedError,
  ObjectExistsError,
  ObjectNotFoundError,
  type Store,
  type StoredObject,
} from '../../store/store.ts';
import { decodeGenerator, encodeGenerator, type GeneratorFile } from '../../wire/generator-file.ts';
import type { StatisticsJob } from '../../wire/messages.ts';
import { splitParameters } from '../../wire/parameters.ts';
import { decodeTensors, type RawTensor } from '../../wire/safetensors.ts';
import type { Aggregation, JobOrigin } from './aggregation.ts';
import { drawnWeights, publishGenerator } from './drawn-weights.ts';
import { jobBase } from './job-base.ts';
import type { RoundContext } from './perform-round.ts';

/**
 * Everything that drawing images needs, from the current weights. A worker computes the standing
 * statistics, if the program has any.
 */
export async function makeGenerator(
  origin: JobOrigin,
  round: RoundContext,
  aggregation: Aggregation,
  iteration: number,
): Promise<GeneratorFile> {
  const { config, program, bundle } = origin;
  const statistics = program.standingStatistics
    ? await computeStatistics(origin, round, aggregation, iteration)
    : [];
  const { layout, parameters } = drawnWeights(program, aggregation);
  return {
    program: config.program,
    shape: program.exampleShape,
    latent: program.latent,
    seed: config.seed,
    iteration,
    runId: config.runId,
    dataset: config.dataset,
    tensors: splitParameters(layout, parameters),
    statistics,
    bundle,
  };
}

/**
 * Store a generator file, unless an existing one is to be kept. A coordinator that has lost its
 * lease without knowing may come late. So the existing file is read first, and replaced by
 * compare-and-swap.
 *
 * @param isKept whether the existing generator is to be kept
 */
export async function storeGenerator(
  store: Store,
  key: string,
  generator: GeneratorFile,
  isKept: (there: GeneratorFile) => boolean,
): Promise<void> {
  const bytes = encodeGenerator(generator);
  for (;;) {
    const there = await getIfThere(store, key);
    const known = there && decodeIfValid(there.bytes, key);
    if (known && isKept(known)) return;
    try {
      await (there ? store.replace(key, bytes, there.etag) : store.create(key, bytes));
      return;
    } catch (error) {
      const isOvertaken = error instanceof ObjectChangedError || error instanceof ObjectExistsError;
      if (isOvertaken) continue;
      // A write whose answer was lost may have succeeded.
      const now = await getIfThere(store, key);
      if (!now || Buffer.compare(now.bytes, bytes) !== 0) throw error;
      return;
    }
  }
}

async function computeStatistics(
  origin: JobOrigin,
  { publisher, rounds }: RoundContext,
  aggregation: Aggregation,
  iteration: number,
): Promise<readonly RawTensor[]> {
  const { program } = origin;
  const job: StatisticsJob = {
    ...jobBase(origin),
    kind: 'statistics',
    weights: await publishGenerator(program, publisher, aggregation),
    iteration,
  };
  let tensors: readonly RawTensor[] = [];
  await rounds.perform([job], (_index, _success, bytes) => {
    tensors = decodeTensors(new Uint8Array(bytes), 'The answer with standing statistics').tensors;
  });
  return tensors;
}

async function getIfThere(store: Store, key: string): Promise<StoredObject | undefined> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/** Undefined: the file is damaged, and will be replaced. */
function decodeIfValid(bytes: Uint8Array, key: string): GeneratorFile | undefined {
  try {
    return decodeGenerator(bytes, key);
  } catch (error) {
    if (error instanceof InvalidDataError) return undefined;
    throw error;
  }
}
