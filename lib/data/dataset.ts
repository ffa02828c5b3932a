import { InvalidDataError, LambduelError } from '../errors.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import { RecentlyUsed } from '../recently-used.ts';
import type { Store } from '../store/store.ts';
import { sha256 } from '../wire/checksum.ts';
import type { DatasetReference } from '../wire/messages.ts';
import {
  type DatasetLabels,
  type DatasetMeta,
  datasetKeys,
  readDatasetMeta,
} from './dataset-meta.ts';

/** A dataset in memory: images as bytes, examples back to back. */
export class Dataset {
  readonly meta: DatasetMeta;
  readonly #images: Uint8Array;
  readonly #labels: Uint8Array | undefined;

  /** @param labels one per example, if the dataset has labels */
  constructor(meta: DatasetMeta, images: Uint8Array, labels?: Uint8Array) {
    this.meta = meta;
    this.#images = images;
    this.#labels = labels;
  }

  get examples(): number {
    return this.meta.examples;
  }

  /** How many numbers an example has. */
  get exampleSize(): number {
    return exampleValues(this.meta.shape);
  }

  /**
   * The examples at these indices as float32 in [0, 1], one after the other.
   *
   * @param mirrored whether left and right are swapped, for each of them; default: none
   */
  gather(indices: Uint32Array, mirrored?: readonly boolean[]): Float32Array {
    const size = this.exampleSize;
    const images = this.#images;
    const values = new Float32Array(indices.length * size);
    let at = 0;
    for (const [place, index] of indices.entries()) {
      const start = index * size;
      for (let i = start; i < start + size; i++) values[at++] = (images[i] as number) / 255;
      if (mirrored?.[place]) mirror(values.subarray(at - size, at), this.meta.shape);
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

/** How many datasets a worker holds. A warm worker may serve many runs, one after the other. */
const CAPACITY = 3;

/** The datasets that a worker has used last. Their checksums are checked when they are read. */
export class DatasetCache {
  readonly #store: Store;
  readonly #datasets = new RecentlyUsed<Dataset>(CAPACITY);

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws LambduelError when it is not there, InvalidDataError when it is damaged */
  async load({ name, sha256: hash, examples }: DatasetReference): Promise<Dataset> {
    const cached = this.#datasets.get(`${name}/${hash}`);
    if (cached) return cached;
    const dataset = await this.#read(name, hash, examples);
    this.#datasets.set(`${name}/${hash}`, dataset);
    return dataset;
  }

  async #read(name: string, hash: string, examples: number): Promise<Dataset> {
    const meta = await readDatasetMeta(this.#store, name, hash);
    const [images, labels] = await Promise.all([
      this.#readImages(meta, datasetKeys.images(name, hash), { hash, examples }),
      meta.labels && this.#readLabels(meta, datasetKeys.labels(name, hash), meta.labels),
    ]);
    return new Dataset(meta, images, labels);
  }

  async #readImages(
    meta: DatasetMeta,
    key: string,
    { hash, examples }: { hash: string; examples: number },
  ): Promise<Uint8Array> {
    const { bytes } = await this.#store.get(key);
    const size = meta.examples * exampleValues(meta.shape);
    const isWhole = bytes.length === size && meta.examples === examples;
    if (!isWhole || sha256(bytes) !== hash) throw damaged(key);
    return bytes;
  }

  async #readLabels(
    { examples }: DatasetMeta,
    key: string,
    { sha256: hash, classes }: DatasetLabels,
  ): Promise<Uint8Array> {
    const { bytes } = await this.#store.get(key);
    const isWhole = bytes.length === examples && bytes.every((label) => label < classes.length);
    if (!isWhole || sha256(bytes) !== hash) throw damaged(key);
    return bytes;
  }
}

/** Swap left and right of an image, in place. */
function mirror(image: Float32Array, [, columns, channels]: ExampleShape): void {
  const rowValues = columns * channels;
  for (let start = 0; start < image.length; start += rowValues) {
    const row = image.slice(start, start + rowValues);
    for (let column = 0; column < columns; column++) {
      const from = (columns - 1 - column) * channels;
      image.set(row.subarray(from, from + channels), start + column * channels);
    }
  }
}

function damaged(key: string): InvalidDataError {
  return new InvalidDataError(`${key} is damaged: it is not what its description says`, {
    hint: 'Remove the folder of the dataset and import it again.',
  });
}
