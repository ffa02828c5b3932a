import type { Rows } from './patches.ts';

/** A class with a smaller share of the images is missing. */
const COVERED_SHARE = 0.02;

/** What a classifier says about generated images. */
export interface ClassScores {
  /** Classes that at least 2% of the images are of. */
  readonly coverage: number;
  /** Mean probability of the class that is most likely for each image, 0 to 1. */
  readonly confidence: number;
}

/** @param probabilities one row per image, one column per class */
export function classScores({ values, count, size }: Rows): ClassScores {
  const images = new Array<number>(size).fill(0);
  let confidence = 0;
  for (let row = 0; row < count; row++) {
    const probabilities = values.subarray(row * size, (row + 1) * size);
    const best = probabilities.reduce(
      (most, p, i) => (p > (probabilities[most] ?? 0) ? i : most),
      0,
    );
    images[best] = (images[best] ?? 0) + 1;
    confidence += (probabilities[best] as number) / count;
  }
  return {
    coverage: images.filter((number) => number >= COVERED_SHARE * count).length,
    confidence,
  };
}
