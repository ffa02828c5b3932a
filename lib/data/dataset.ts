import { z } from 'zod';
import { InvalidDataError, LambduelError } from '../errors.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import { RecentlyUsed } from '../recently-used.ts';
import { ObjectNotFoundError, type Store } from '../store/store.ts';
import { sha256 } from '../wire/checksum.ts';
import { parseJsonObject } from '../wire/json-object.ts';
import type { DatasetReference } from '../wire/messages.ts';

const side = z.number().int().positive();

/** What a packed dataset's `meta.json` says of its `images.u8`. */
export const datasetMetaSchema = z.strictObject({
  format: z.literal(1),
  name: z.string(),
  examples: z.number().int().positive(),
  /** Rows, columns and channels of an example; datasets of the first form say no channels: one. */
  shape: z
    .union([z.tuple([side, side]), z.tuple([side, side, z.union([z.literal(1), z.literal(3)])])])
    .transform(([rows, columns, channels = 1]): ExampleShape => [rows, columns, channels]),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the images came from, for people. */
  source: z.string(),
});

/** See {@link datasetMetaSchema}. */
export type DatasetMeta = z.infer<typeof datasetMetaSchema>;

/** The keys of a packed dataset. */
export const datasetKeys = {
  all: 'datasets/',
  images: (name: string, hash: string) => `datasets/${name}/${hash}/images.u8`,
  meta: (name: string, hash: string) => `datasets/${name}/${hash}/meta.json`,
} as const;

/** The keys of all datasets, as policies write them. */
export const datasetKeyPattern = `${datasetKeys.all}*`;

/** A dataset in memory: images as bytes, examples back to back. */
export class Dataset {
  readonly meta: DatasetMeta;
  readonly #images: Uint8Array;
  readonly #labels: Uint8Array | undefined;

  /** @param labels one an example, where the dataset has them */
  constructor(meta: DatasetMeta, images: Uint8Array, labels?: Uint8Array) {
    this.meta = meta;
    this.#images = images;
    this.#labels = labels;
  }

  get examples(): number {
    return this.meta.examples;
  }

  /** Numbers of an example. */
  get exampleSize(): number {
    return exampleValues(this.meta.shape);
  }

  /** The examples at these indices as float32 in [0, 1], one after the other. */
  gather(indices: Uint32Array): Float32Array {
    const size = this.exampleSize;
    const images = this.#images;
    const values = new Float32Array(indices.length * size);
    let at = 0;
    for (const index of indices) {
      const start = index * size;
      for (let i = start; i < start + size; i++) values[at++] = (images[i] as number) / 255;
    }
    return values;
  }

  /** The labels of the examples at these indices. @throws LambduelError when it has none */
  gatherLabels(indices: Uint32Array): Uint8Array {
    const labels = this.#labels;
    if (!labels) throw new LambduelError(`Dataset ${this.meta.name} has no labels`);
    return Uint8Array.from(indices, (index) => labels[index] as number);
  }
}

/** Read a packed dataset's description. @throws LambduelError when it is not there */
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

/** Datasets that a worker holds at once: a warm one may serve many runs, one after the other. */
const CAPACITY = 3;

/** The datasets that a worker has used last, checked against their checksums when they are read. */
export class DatasetCache {
  readonly #store: Store;
  readonly #datasets = new RecentlyUsed<Dataset>(CAPACITY);

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws LambduelError when it is not there, InvalidDataError when it is damaged */
  async load({ name, sha256: hash, examples }: DatasetReference): Promise<Dataset> {
    const cached = this.#datasets.get(hash);
    if (cached) return cached;
    const dataset = await this.#read(name, hash, examples);
    this.#datasets.set(hash, dataset);
    return dataset;
  }

  async #read(name: string, hash: string, examples: number): Promise<Dataset> {
    const meta = await readDatasetMeta(this.#store, name, hash);
    const key = datasetKeys.images(name, hash);
    const { bytes } = await this.#store.get(key);
    const size = meta.examples * exampleValues(meta.shape);
    if (bytes.length !== size || meta.examples !== examples || sha256(bytes) !== hash) {
      throw new InvalidDataError(`${key} is damaged: it is not what its description says`, {
        hint: 'Remove the folder of the dataset and import it again.',
      });
    }
    return new Dataset(meta, bytes);
  }
}
