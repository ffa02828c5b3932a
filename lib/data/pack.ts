import { InvalidDataError, LambduelError } from '../errors.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import { createUnlessThere } from '../store/create-unless-there.ts';
import type { Store } from '../store/store.ts';
import { sha256 } from '../wire/checksum.ts';
import { jsonBytes } from '../wire/json-object.ts';
import { type DatasetMeta, datasetKeys, readDatasetMeta } from './dataset.ts';
import { checkForm, type Images } from './images.ts';
import { checkDatasetName } from './name.ts';

/** Images to be packed, and what they will be known as. */
export interface NamedImages extends Images {
  readonly name: string;
  /** Where the images came from, for people. */
  readonly source: string;
}

/**
 * Store images as a dataset, under their checksum. The description is written last and makes the
 * dataset whole: until then no listing shows it, and packing it again completes it. What is packed
 * already stays as it is, with its first `source`.
 *
 * @throws UsageError when the name is not one
 */
export async function packDataset(store: Store, dataset: NamedImages): Promise<DatasetMeta> {
  const { name, images, examples, shape, source } = dataset;
  checkDatasetName(name);
  checkForm(name, examples, shape);
  if (images.length !== examples * exampleValues(shape)) {
    throw new InvalidDataError(
      `${name}: ${examples} images of ${sizeText(shape)} cannot be ${images.length} bytes`,
    );
  }
  const hash = sha256(images);
  await writeImages(store, datasetKeys.images(name, hash), images, hash);
  const meta: DatasetMeta = {
    format: 1,
    name,
    examples,
    shape,
    sha256: hash,
    source,
  };
  if (await createUnlessThere(store, datasetKeys.meta(name, hash), jsonBytes(meta))) return meta;
  return sameForm(meta, await readDatasetMeta(store, name, hash));
}

/** The key names the bytes, so what is there is either these bytes or damaged. */
async function writeImages(
  store: Store,
  key: string,
  images: Uint8Array,
  hash: string,
): Promise<void> {
  if (await createUnlessThere(store, key, images)) return;
  const { bytes } = await store.get(key);
  if (sha256(bytes) !== hash) await store.put(key, images);
}

/** The same bytes can be cut into images in more than one way. */
function sameForm(wanted: DatasetMeta, packed: DatasetMeta): DatasetMeta {
  if (packed.shape.join() === wanted.shape.join()) return packed;
  throw new LambduelError(
    `Dataset ${wanted.name} holds these very bytes as images of ${sizeText(packed.shape)}, ` +
      `not ${sizeText(wanted.shape)}`,
    { hint: 'Choose another name.' },
  );
}

function sizeText([rows, columns, channels]: ExampleShape): string {
  return `${rows} x ${columns} ${channels === 1 ? 'pixels' : 'pixels in colour'}`;
}
