import { z } from 'zod';
import type { Dataset } from '../../data/dataset.ts';
import { datasetKeys } from '../../data/dataset-meta.ts';
import { InvalidDataError, messageOf } from '../../errors.ts';
import type { ParameterLayout } from '../../numeric/parameter-block.ts';
import type { Tfjs } from '../../program/program.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { bytesOf } from '../../wire/floats.ts';
import { decodeParameters, encodeParameters } from '../../wire/parameters.ts';
import { decodeTensors } from '../../wire/safetensors.ts';
import {
  CLASSIFIER_VERSION,
  classifierLayout,
  type TrainedClassifier,
  trainClassifier,
} from './classifier.ts';
import { scoreTime } from './score-time.ts';

/** The metadata of a safetensors file are texts. `crc32` is of the parameters. */
const metadataSchema = z.object({
  accuracy: z.coerce.number().min(0).max(1),
  crc32: z.string(),
});

/** A stored classifier is not as it was written. It may be read whole the next time. */
class DamagedClassifierError extends InvalidDataError {
  constructor(key: string, why: string, cause?: unknown) {
    super(`The classifier ${key} is damaged: ${why}.`, {
      cause,
      hint: 'If it stays so, remove it: the next score trains it again.',
    });
  }
}

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
  let bytes = await readIfThere(store, key);
  if (!bytes) {
    const classifier = trainClassifier(tf, dataset, classes, scoreTime(remainingMs));
    await createUnlessThere(store, key, encodeClassifier(layout, classifier));
    bytes = (await store.get(key)).bytes;
  }
  return { ...decodeClassifier(layout, bytes, key), classes };
}

/** A classifier as it is stored: with a checksum, because nothing else names one. */
export function encodeClassifier(
  layout: ParameterLayout,
  { block, accuracy }: TrainedClassifier,
): Uint8Array {
  const metadata = { accuracy: `${accuracy}`, crc32: crc32(bytesOf(block)) };
  return encodeParameters(layout, block, metadata);
}

/** @throws InvalidDataError when it is damaged, or not of this layout */
export function decodeClassifier(
  layout: ParameterLayout,
  bytes: Uint8Array,
  key: string,
): TrainedClassifier {
  try {
    const { accuracy, crc32: expected } = metadataSchema.parse(decodeTensors(bytes, key).metadata);
    const block = decodeParameters(layout, bytes, key);
    if (crc32(bytesOf(block)) === expected) return { block, accuracy };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new DamagedClassifierError(key, why, cause);
  }
  throw new DamagedClassifierError(key, 'its parameters are not those of its checksum');
}

async function readIfThere(store: Store, key: string): Promise<Uint8Array | undefined> {
  try {
    return (await store.get(key)).bytes;
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}
