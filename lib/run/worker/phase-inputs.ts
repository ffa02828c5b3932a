import { drawWithReplacement, normals, StreamTag, streamKey } from '../../numeric/random.ts';
import { type ShardRange, shardRange } from '../../numeric/shards.ts';
import type { PhaseInputs, PhaseSpec, Program } from '../../program/program.ts';
import type { DatasetReference } from '../../wire/messages.ts';
import type { WorkerContext } from './context.ts';

/** What a shard's part of a step's random numbers follows from. */
export interface ShardOfStep {
  readonly seed: number;
  readonly step: number;
  readonly batch: number;
  readonly shards: number;
  readonly shard: number;
  readonly dataset: DatasetReference;
}

/** A shard's part of a step's noise and real examples: the same for any number of shards. */
export async function drawInputs(
  context: Pick<WorkerContext, 'backend' | 'datasets'>,
  at: ShardOfStep,
  program: Program,
  phase: PhaseSpec,
): Promise<PhaseInputs> {
  const { tf } = context.backend;
  const range = shardRange(at.batch, at.shards, at.shard);
  const { first, size } = range;
  const stream = streamKey(at.seed, StreamTag.noise, at.step);
  const noise = normals(stream, first, size, program.latent);
  const real = phase.needsReal ? await drawReal(context, at, range) : undefined;
  return {
    noise: tf.tensor2d(noise, [size, program.latent]),
    real: real && tf.tensor2d(real, [size, real.length / size]),
  };
}

/** Real examples, drawn with replacement, back to back. */
async function drawReal(
  { datasets }: Pick<WorkerContext, 'datasets'>,
  { seed, step, dataset: reference }: ShardOfStep,
  { first, size }: ShardRange,
): Promise<Float32Array> {
  const dataset = await datasets.load(reference);
  const stream = streamKey(seed, StreamTag.realExamples, step);
  return dataset.gather(drawWithReplacement(stream, first, size, dataset.examples));
}
