import type { DatasetCache } from '../../data/dataset.ts';
import {
  type AugmentationName,
  drawAugmentations,
  type ImageKind,
} from '../../numeric/augmentation.ts';
import {
  coinTosses,
  drawWithReplacement,
  normals,
  StreamTag,
  streamKey,
} from '../../numeric/random.ts';
import { shardRange } from '../../numeric/shards.ts';
import { augmentationInput } from '../../program/layers/augment.ts';
import type { PhaseInputs, PhaseSpec, Program, Tfjs } from '../../program/program.ts';
import type { DatasetReference, LocalJob } from '../../wire/messages.ts';
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
  /** How images are changed before D sees them. Default: they are not. */
  readonly augment?: readonly AugmentationName[] | undefined;
}

/** What a lane's part of a phase follows from: the same as its shard's part of that step. */
export function shardOfLane(
  job: LocalJob,
  { phases }: Program,
  iteration: number,
  phase: number,
): ShardOfStep {
  const { seed, batch, lanes: shards, lane: shard, dataset, augment } = job;
  const step = iteration * phases.length + phase;
  return { seed, batch, shards, shard, dataset, augment, step };
}

/** A shard's part of what a step's loss is computed from, as arrays, examples back to back. */
export interface DrawnInputs {
  readonly examples: number;
  readonly noise: Float32Array;
  readonly real: Float32Array | undefined;
  readonly realLabels: ArrayLike<number> | undefined;
  readonly fakeLabels: ArrayLike<number> | undefined;
  /** By the name of the phase's input. */
  readonly augmentation: Readonly<Record<string, Float32Array>>;
}

/**
 * Draw a shard's part of a step's random numbers: the same for any number of shards.
 *
 * @throws JobFailedError when the shard cuts a group of examples that the program computes on, or when
 *   the program does not augment images and should
 */
export async function drawArrays(
  datasets: Pick<DatasetCache, 'load'>,
  at: ShardOfStep,
  program: Program,
  { needsReal }: PhaseSpec,
): Promise<DrawnInputs> {
  if (!shardsKeepGroups(program, at)) {
    throw new JobFailedError('The shards of the job cut groups of examples');
  }
  const { latent, wantsLabels, exampleShape: shape, augments = false } = program;
  const { augment: names = [] } = at;
  if (names.length > 0 && !augments) {
    throw new JobFailedError('The job augments images, and its program does not');
  }
  const { first, size } = shardRange(at.batch, at.shards, at.shard);
  const stream = (tag: StreamTag) => streamKey(at.seed, tag, at.step);
  const dataset = needsReal ? await datasets.load(at.dataset) : undefined;
  const indices =
    dataset && drawWithReplacement(stream(StreamTag.realExamples), first, size, dataset.examples);
  const mirrored = dataset?.meta.mirror && coinTosses(stream(StreamTag.augmentation), first, size);
  const kinds: ImageKind[] = needsReal ? ['real', 'fake'] : ['fake'];
  const augmentation = kinds.flatMap((kind) =>
    drawAugmentations(stream(StreamTag.augmentation), first, size, { kind, names, shape }).map(
      ([name, numbers]) => [augmentationInput(kind, name), numbers] as const,
    ),
  );
  return {
    examples: size,
    noise: normals(stream(StreamTag.noise), first, size, latent),
    real: indices && dataset?.gather(indices, mirrored),
    realLabels: wantsLabels && indices && dataset?.gatherLabels(indices),
    fakeLabels:
      wantsLabels &&
      drawWithReplacement(stream(StreamTag.fakeLabels), first, size, wantsLabels.classes),
    augmentation: Object.fromEntries(augmentation),
  };
}

/** What was drawn as tensors, one row per example. The caller disposes of them. */
export function toInputs(
  tf: Tfjs,
  { latent, wantsLabels }: Program,
  { examples, noise, real, realLabels, fakeLabels, augmentation }: DrawnInputs,
): PhaseInputs {
  const rows = (values: Float32Array) => tf.tensor2d(values, [examples, values.length / examples]);
  const labelRows = (labels: ArrayLike<number> | undefined) =>
    labels && wantsLabels && oneHot(tf, labels, wantsLabels.classes);
  return tf.tidy(() => ({
    noise: tf.tensor2d(noise, [examples, latent]),
    real: real && rows(real),
    realLabels: labelRows(realLabels),
    fakeLabels: labelRows(fakeLabels),
    ...Object.fromEntries(
      Object.entries(augmentation).map(([name, values]) => [name, rows(values)]),
    ),
  }));
}
