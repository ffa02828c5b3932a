import { InvalidDataError, LambduelError } from '../errors.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import { createUnlessThere } from '../store/create-unless-there.ts';
import { ObjectChangedError, ObjectNotFoundError, type Store } from '../store/store.ts';
import { sha256 } from '../wire/checksum.ts';
import { jsonBytes, parseJsonObject } from '../wire/json-object.ts';
import { type DatasetMeta, datasetKeys, datasetMetaSchema } from './dataset-meta.ts';
import { checkForm, type Images } from './images.ts';
import { type Labels, MAX_CLASSES } from './labels.ts';
import { checkDatasetName } from './name.ts';

/** Images to be packed, and the name of the dataset. */
export interface NamedImages extends Images {
  readonly name: string;
  /** Where the images came from, for people. */
  readonly source: string;
  readonly labels?: Labels | undefined;
  /** Mirror them at random while training. */
  readonly mirror?: boolean | undefined;
}

/**
 * Store images as a dataset, under their checksum. The description is written last and makes the
 * dataset complete. Until then no listing shows it, and packing it again completes it. A dataset
 * that exists stays as it is, with its first `source`. Only labels are added if it had none.
 *
 * @throws UsageError when the name is not one; LambduelError when the images are packed otherwise
 */
export async function packDataset(store: Store, dataset: NamedImages): Promise<DatasetMeta> {
  const { images, labels } = dataset;
  checkParts(dataset);
  const meta = describe(dataset);
  const { name, sha256: hash } = meta;
  await writeHashed(store, datasetKeys.images(name, hash), images, hash);
  const key = datasetKeys.meta(name, hash);
  for (;;) {
    const there = await readPacked(store, key);
    if (there) checkSame(meta, there.meta);
    if (labels && meta.labels) {
      const { sha256: labelsHash } = meta.labels;
      await writeHashed(store, datasetKeys.labels(name, hash), labels.values, labelsHash);
    }
    if (!there) {
      if (await createUnlessThere(store, key, jsonBytes(meta))) return meta;
      continue; // another process was faster
    }
    if (!meta.labels || there.meta.labels) return there.meta;
    const labelled = { ...there.meta, labels: meta.labels };
    if (await replaceUnlessChanged(store, key, jsonBytes(labelled), there.etag)) return labelled;
  }
}

function describe({
  name,
  images,
  examples,
  shape,
  source,
  labels,
  mirror,
}: NamedImages): DatasetMeta {
  return {
    format: 1,
    name,
    examples,
    shape,
    sha256: sha256(images),
    source,
    ...(labels && { labels: { sha256: sha256(labels.values), classes: [...labels.classes] } }),
    ...(mirror && { mirror: true }),
  };
}

function checkParts({ name, images, examples, shape, labels }: NamedImages): void {
  checkDatasetName(name);
  checkForm(name, examples, shape);
  if (images.length !== examples * exampleValues(shape)) {
    throw new InvalidDataError(
      `${name}: ${examples} images of ${sizeText(shape)} cannot be ${images.length} bytes`,
    );
  }
  if (!labels) return;
  const { values, classes } = labels;
  const fits = values.length === examples && values.every((label) => label < classes.length);
  if (fits && classes.length <= MAX_CLASSES) return;
  throw new InvalidDataError(
    `${name}: ${values.length} labels of ${classes.length} classes do not fit ${examples} images`,
  );
}

async function readPacked(
  store: Store,
  key: string,
): Promise<{ meta: DatasetMeta; etag: string } | undefined> {
  try {
    const { bytes, etag } = await store.get(key);
    return { meta: parseJsonObject(datasetMetaSchema, bytes, key), etag };
  } catch (error) {
    if (error instanceof ObjectNotFoundError) return undefined;
    throw error;
  }
}

/** @returns whether it was still the one that was read */
async function replaceUnlessChanged(
  store: Store,
  key: string,
  bytes: Uint8Array,
  etag: string,
): Promise<boolean> {
  try {
    await store.replace(key, bytes, etag);
    return true;
  } catch (error) {
    if (error instanceof ObjectChangedError) return false;
    throw error;
  }
}

/** The key is the checksum of the bytes, so an existing object has these bytes or is damaged. */
async function writeHashed(
  store: Store,
  key: string,
  bytes: Uint8Array,
  hash: string,
): Promise<void> {
  if (await createUnlessThere(store, key, bytes)) return;
  const there = await store.get(key);
  if (sha256(there.bytes) !== hash) await store.put(key, bytes);
}

/** The same bytes can be cut into images, labelled and trained on in more than one way. */
function checkSame(wanted: DatasetMeta, packed: DatasetMeta): void {
  const difference = differenceOf(wanted, packed);
  if (difference === undefined) return;
  throw new LambduelError(`Dataset ${wanted.name} holds these very bytes ${difference}`, {
    hint: 'Choose another name.',
  });
}

function differenceOf(wanted: DatasetMeta, packed: DatasetMeta): string | undefined {
  if (packed.shape.join() !== wanted.shape.join()) {
    return `as images of ${sizeText(packed.shape)}, not ${sizeText(wanted.shape)}`;
  }
  if (packed.mirror !== wanted.mirror) return packed.mirror ? 'with --mirror' : 'without --mirror';
  if (!wanted.labels || !packed.labels) return undefined;
  if (packed.labels.sha256 !== wanted.labels.sha256) return 'with other labels';
  const isSame = packed.labels.classes.join('/') === wanted.labels.classes.join('/');
  return isSame ? undefined : 'with other names of classes';
}

function sizeText([rows, columns, channels]: ExampleShape): string {
  return `${rows} x ${columns} ${channels === 1 ? 'pixels' : 'pixels in colour'}`;
}
