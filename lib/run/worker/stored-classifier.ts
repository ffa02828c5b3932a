import { z } from 'zod';
import type { Dataset } from '../../data/dataset.ts';
import { datasetKeys } from '../../data/dataset-meta.ts';
import type { Tfjs } from '../../program/program.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { decodeParameters, encodeParameters } from '../../wire/parameters.ts';
import { decodeTensors } from '../../wire/safetensors.ts';
import {
  CLASSIFIER_VERSION,
  classifierLayout,
  type TrainedClassifier,
  trainClassifier,
} from './classifier.ts';
import { scoreTime } from './score-time.ts';

const metadataSchema = z.object({ accuracy: z.coerce.number().min(0).max(1) });

/**
 * A dataset's classifier, trained on first use and kept in the store. If two workers train it at once,
 * both use the one that was stored first, so that all scores come from the same classifier.
 *
 * @param remainingMs the milliseconds that the worker still has; undefined: its time is not limited
 * @throws InvalidDataError when the stored one is damaged; ScoreTooLongError
 */
export async function classifierOf(
  store: Store,
  tf: Tfjs,
  dataset: Dataset,
  remainingMs?: () => number,
): Promise<TrainedClassifier & { readonly classes: number }> {
  const { name, sha256, shape, labels } = dataset.meta;
  const classes = labels?.classes.length ?? 0;
  const key = datasetKeys.classifier(name, sha256, CLASSIFIER_VERSION);
  const layout = classifierLayout(shape, classes);
  if (!(await isThere(store, key))) {
    const { block, accuracy } = trainClassifier(tf, dataset, classes, scoreTime(remainingMs));
    const bytes = encodeParameters(layout, block, { accuracy: `${accuracy}` });
    await createUnlessThere(store, key, bytes);
  }
  const { bytes } = await store.get(key);
  const { accuracy } = metadataSchema.parse(decodeTensors(bytes, key).metadata);
  return { block: decodeParameters(layout, bytes, key), accuracy, classes };
}

async function isThere(store: Store, key: string): Promise<boolean> {
  try {
    await store.get(key);
    return true;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return false;
    throw error;
  }
}
