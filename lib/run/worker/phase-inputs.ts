import type { DatasetCache } from '../../data/dataset.ts';
import {
  coinTosses,
  drawWithReplacement,
  normals,
  StreamTag,
  streamKey,
} from '../../numeric/random.ts';
import { shardRange } from '../../numeric/shards.ts';
import type { PhaseInputs, PhaseSpec, Program, Tfjs } from '../../program/program.ts';
import type { DatasetReference } from '../../wire/messages.ts';
import { JobFailedError } from '../errors.ts';
import { shardsKeepGroups } from '../record/shard-groups.ts';
import { oneHot } from './labels.ts';

/** What a shard's part of a step's random numbers follows from. */
export interface ShardOfStep {
  readonly seed: number;
  readonly step: number;
  readonly batch: number;
  readonly shards: number;
  readonly shard: number;
  readonly dataset: DatasetReference;
}

/**
 * The shard's part of what a step's loss is computed from: the same for any number of shards. To be
 * disposed of by the caller.
 *
 * @throws JobFailedError when the shard cuts a group of examples that the program computes on
 */
export async function drawInputs(
  tf: Tfjs,
  datasets: Pick<DatasetCache, 'load'>,
  at: ShardOfStep,
  program: Program,
  { needsReal }: PhaseSpec,
): Promise<PhaseInputs> {
  if (!shardsKeepGroups(program, at)) {
    throw new JobFailedError('The shards of the job cut groups of examples');
  }
  const { latent, wantsLabels } = program;
  const { first, size } = shardRange(at.batch, at.shards, at.shard);
  const stream = (tag: StreamTag) => streamKey(at.seed, tag, at.step);
  const dataset = needsReal ? await datasets.load(at.dataset) : undefined;
  // All in arrays first: what throws in between leaves no tensor behind.
  const noise = normals(stream(StreamTag.noise), first, size, latent);
  const indices =
    dataset && drawWithReplacement(stream(StreamTag.realExamples), first, size, dataset.examples);
  const mirrored = dataset?.meta.mirror && coinTosses(stream(StreamTag.augmentation), first, size);
  const real = indices && dataset?.gather(indices, mirrored);
  const realLabels = wantsLabels && indices && dataset?.gatherLabels(indices);
  const fakeLabels =
    wantsLabels &&
    drawWithReplacement(stream(StreamTag.fakeLabels), first, size, wantsLabels.classes);
  const rows = (labels: ArrayLike<number> | undefined) =>
    labels && wantsLabels && oneHot(tf, labels, wantsLabels.classes);
  return tf.tidy(() => ({
    noise: tf.tensor2d(noise, [size, latent]),
    real: real && tf.tensor2d(real, [size, dataset.exampleSize]),
    realLabels: rows(realLabels),
    fakeLabels: rows(fakeLabels),
  }));
}
