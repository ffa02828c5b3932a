import { classScores } from './classes.ts';
import { frechetDistance } from './frechet.ts';
import { type ImageSet, imageValues, spread } from './images.ts';
import { kernelDistance } from './kernel-distance.ts';
import { nearestDistances } from './nearest.ts';
import type { Rows } from './patches.ts';
import { slicedWasserstein } from './sliced-wasserstein.ts';

/** How many images are compared with all real ones, which takes long. */
const NEAREST_COUNT = 200;

/** What a dataset's classifier says about images. */
export interface Classified {
  /** The values of its last hidden layer: one row per image. */
  readonly features: Rows;
  /** One row per image, one column per class. */
  readonly probabilities: Rows;
}

/** Scores by name; see `scoreMetrics`. */
export type Scores = Readonly<Record<string, number>>;

/**
 * Scores that need no labels: `slicedWasserstein`, `nearestReal`, and `nearestRealOfReals`, which says how near
 * real images are to each other.
 *
 * @param real at least two images
 */
export function pixelScores(generated: ImageSet, real: ImageSet): Scores {
  const count = Math.min(generated.count, real.count);
  const some = take(generated, spread(NEAREST_COUNT, generated.count));
  const chosen = spread(NEAREST_COUNT, real.count);
  const isSame = (image: number, other: number) => chosen[image] === other;
  return {
    slicedWasserstein: slicedWasserstein(
      take(generated, spread(count, generated.count)),
      take(real, spread(count, real.count)),
    ),
    nearestReal: mean(nearestDistances(some, real)),
    nearestRealOfReals: mean(nearestDistances(take(real, chosen), real, isSame)),
  };
}

/** Scores by a classifier: `frechet`, `kid`, `coverage` and `confidence`. */
export function classifierScores(generated: Classified, real: Classified): Scores {
  const count = Math.min(generated.features.count, real.features.count);
  return {
    frechet: frechetDistance(generated.features, real.features),
    kid: kernelDistance(takeRows(generated.features, count), takeRows(real.features, count)),
    ...classScores(generated.probabilities),
  };
}

/** The number by which generators are compared: lower is better. */
export function decisiveScore(scores: Scores): number {
  return scores.frechet ?? scores.slicedWasserstein ?? Number.NaN;
}

function take(images: ImageSet, indices: Uint32Array): ImageSet {
  const size = imageValues(images);
  const rows = gather({ ...images, size }, indices);
  return { ...images, ...rows };
}

function takeRows(rows: Rows, count: number): Rows {
  return { ...rows, ...gather(rows, spread(count, rows.count)) };
}

function gather({ values, size }: Rows, indices: Uint32Array) {
  const taken = new Float32Array(indices.length * size);
  for (const [place, index] of indices.entries()) {
    taken.set(values.subarray(index * size, (index + 1) * size), place * size);
  }
  return { values: taken, count: indices.length };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
