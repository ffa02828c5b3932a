import type { Dataset } from '../../data/dataset.ts';
import type { Tfjs } from '../../program/program.ts';
import {
  type Classified,
  classifierScores,
  pixelScores,
  type Scores,
} from '../../score/evaluate.ts';
import { type ImageSet, spread } from '../../score/images.ts';
import type { Store } from '../../store/store.ts';
import { MAX_REALS } from '../working-sizes.ts';
import { runClassifier } from './classifier.ts';
import { classifierOf } from './stored-classifier.ts';

/** What scores are computed with. */
export interface ScoringContext {
  readonly store: Store;
  readonly tf: Tfjs;
  /** See `WorkerContext.remainingMs`. */
  readonly remainingMs?: (() => number) | undefined;
}

/**
 * How good generated images are, compared with a dataset: also by its classifier, if it has labels.
 *
 * @returns scores by name; `classifierAccuracy` is the accuracy on held-out examples
 */
export async function scoreImages(
  { store, tf, remainingMs }: ScoringContext,
  dataset: Dataset,
  generated: ImageSet,
): Promise<Scores> {
  const { shape, labels } = dataset.meta;
  const indices = spread(MAX_REALS, dataset.examples);
  const real: ImageSet = { values: dataset.gather(indices), count: indices.length, shape };
  const scores = pixelScores(generated, real);
  if (!labels || labels.classes.length < 2) return scores;
  const { block, accuracy, classes } = await classifierOf(store, tf, dataset, remainingMs);
  const classified = ({ values }: ImageSet): Classified =>
    runClassifier(tf, block, classes, values, shape);
  return {
    ...classifierScores(classified(generated), classified(real)),
    ...scores,
    classifierAccuracy: accuracy,
  };
}
