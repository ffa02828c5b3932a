import { z } from 'zod';
import { LambduelError } from '../errors.ts';
import type { ExampleShape } from '../program/example-shape.ts';
import { ObjectNotFoundError, type Store } from '../store/store.ts';
import { parseJsonObject } from '../wire/json-object.ts';
import { MAX_CLASSES } from './labels.ts';

const side = z.number().int().positive();
const checksum = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A packed dataset's `meta.json`, which describes the files beside it. Datasets of earlier versions
 * have no optional fields.
 */
export const datasetMetaSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  examples: z.number().int().positive(),
  /** Rows, columns and channels of an example. Datasets of the first form name no channels: one. */
  shape: z
    .union([z.tuple([side, side]), z.tuple([side, side, z.union([z.literal(1), z.literal(3)])])])
    .transform(([rows, columns, channels = 1]): ExampleShape => [rows, columns, channels]),
  sha256: checksum,
  /** Where the images came from, for people. */
  source: z.string(),
  /** If it has a `labels.u8`: its checksum, and the names of the classes by number. */
  labels: z
    .strictObject({
      sha256: checksum,
      classes: z.array(z.string().max(255)).min(1).max(MAX_CLASSES),
    })
    .optional(),
  /** Images are mirrored at random while training. Never changes: a run's bits follow from it. */
  mirror: z.literal(true).optional(),
});

/** See {@link datasetMetaSchema}. */
export type DatasetMeta = z.infer<typeof datasetMetaSchema>;

/** The description of a dataset's labels. */
export type DatasetLabels = NonNullable<DatasetMeta['labels']>;

/** The keys of a packed dataset. */
export const datasetKeys = {
  all: 'datasets/',
  images: (name: string, hash: string) => `datasets/${name}/${hash}/images.u8`,
  labels: (name: string, hash: string) => `datasets/${name}/${hash}/labels.u8`,
  /** For datasets with labels: the classifier that scores are computed with. */
  classifier: (name: string, hash: string, version: number) =>
    `datasets/${name}/${hash}/classifier-${version}.safetensors`,
  meta: (name: string, hash: string) => `datasets/${name}/${hash}/meta.json`,
} as const;

/** The keys of all datasets, as policies write them. */
export const datasetKeyPattern = `${datasetKeys.all}*`;

/** The keys of all classifiers, as policies write them. */
export const classifierKeyPattern = 'datasets/*/classifier-*';

/** Read a packed dataset's description. @throws LambduelError when it does not exist */
export async function readDatasetMeta(
  store: Store,
  name: string,
  hash: string,
): Promise<DatasetMeta> {
  const key = datasetKeys.meta(name, hash);
  const { bytes } = await store.get(key).catch((error: unknown) => {
    if (!(error instanceof ObjectNotFoundError)) throw error;
    throw new LambduelError(`There is no dataset ${name} with the checksum ${hash}`, {
      cause: error,
      hint: '`lambduel data list` lists the datasets, `lambduel data import` adds one.',
    });
  });
  return parseJsonObject(datasetMetaSchema, bytes, key);
}
