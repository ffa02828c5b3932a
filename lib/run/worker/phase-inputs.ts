import type { DatasetCache } from '../../data/dataset.ts';
import { drawWithReplacement, normals, StreamTag, streamKey } from '../../numeric/random.ts';
import { shardRange } from '../../numeric/shards.ts';
import type { PhaseInputs, PhaseSpec, Program, Tfjs } from '../../program/program.ts';
import type { GradientJob } from '../../wire/messages.ts';
import { oneHot } from './labels.ts';

/**
 * The shard's part of what a step's loss is computed from: the same for any number of shards. To be
 * disposed of by the caller.
 */
export async function drawInputs(
  tf: Tfjs,
  datasets: Pick<DatasetCache, 'load'>,
  job: GradientJob,
  { latent, wantsLabels }: Program,
  { needsReal }: PhaseSpec,
): Promise<PhaseInputs> {
  const { first, size } = shardRange(job.batch, job.shards, job.shard);
  const stream = (tag: StreamTag) => streamKey(job.seed, tag, job.step);
  const dataset = needsReal ? await datasets.load(job.dataset) : undefined;
  // All in arrays first: what throws in between leaves no tensor behind.
  const noise = normals(stream(StreamTag.noise), first, size, latent);
  const indices =
    dataset && drawWithReplacement(stream(StreamTag.realExamples), first, size, dataset.examples);
  const real = indices && dataset?.gather(indices);
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
