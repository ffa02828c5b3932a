import type { Program } from '../../program/program.ts';
import { averageFile } from '../record/keys.ts';
import type { NetworkWeights } from '../record/training-state.ts';
import type { Aggregation } from './aggregation.ts';
import type { PublishedWeights, WeightsPublisher } from './publisher.ts';

/** The generator's weights that images are drawn with: their average, if the run keeps one. */
export function drawnWeights(
  { generator }: Program,
  { average, networks }: Aggregation,
): NetworkWeights {
  const weights = average ?? networks.get(generator);
  if (!weights) throw new Error(`The program has no network ${generator}`);
  return weights;
}

/** Publish what images are drawn with. An average has its own name. @returns a job's weights */
export async function publishGenerator(
  program: Program,
  publisher: WeightsPublisher,
  aggregation: Aggregation,
): Promise<Record<string, PublishedWeights>> {
  const { generator } = program;
  const name = aggregation.average ? averageFile(generator) : generator;
  const weights = drawnWeights(program, aggregation);
  return { [generator]: await publisher.publishExact(name, weights) };
}
