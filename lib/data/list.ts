import { InvalidDataError, LambduelError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { DatasetReference } from '../wire/messages.ts';
import { type DatasetMeta, datasetKeys, readDatasetMeta } from './dataset-meta.ts';
import { DIGITS, ensureDigits } from './digits.ts';
import { parseDatasetSelector } from './name.ts';

const META_KEY = /^datasets\/([a-z0-9][a-z0-9-]{0,63})\/([0-9a-f]{64})\/meta\.json$/;
/** How many digits of a checksum people see. */
const SHOWN_DIGITS = 12;

/** A dataset by its key alone. */
interface Packed {
  readonly name: string;
  readonly hash: string;
}

/** The packed datasets, by name and checksum. */
export async function listDatasets(store: Store): Promise<DatasetMeta[]> {
  const metas: DatasetMeta[] = [];
  for (const packed of await listPacked(store)) metas.push(await readMeta(store, packed));
  return metas;
}

/**
 * The dataset that a person names: `moons`, or `moons@0a1b2c` with the first digits of its checksum
 * if several have the name. `digits` are always the built-in ones, packed on first use.
 *
 * @throws UsageError when it is not a valid name; LambduelError when there is none, or more than one
 */
export async function findDataset(store: Store, name: string): Promise<DatasetReference> {
  const selector = parseDatasetSelector(name);
  if (selector.name === DIGITS) {
    const digits = await ensureDigits(store);
    if (selector.checksumPrefix === '') return referenceTo(digits);
  }
  const all = await listPacked(store);
  const found = all.filter(
    (packed) => packed.name === selector.name && packed.hash.startsWith(selector.checksumPrefix),
  );
  const [first, second] = found;
  if (first === undefined) throw missing(name, all);
  if (second !== undefined) throw ambiguous(name, selector.name, found);
  return referenceTo(await readMeta(store, first));
}

function referenceTo({ name, sha256, examples }: DatasetMeta): DatasetReference {
  return { name, sha256, examples };
}

async function listPacked(store: Store): Promise<Packed[]> {
  const objects = await store.list(datasetKeys.all);
  return objects.flatMap(({ key }) => {
    const [, name, hash] = META_KEY.exec(key) ?? [];
    return name === undefined || hash === undefined ? [] : [{ name, hash }];
  });
}

async function readMeta(store: Store, { name, hash }: Packed): Promise<DatasetMeta> {
  const meta = await readDatasetMeta(store, name, hash);
  if (meta.name === name && meta.sha256 === hash) return meta;
  throw new InvalidDataError(`${datasetKeys.meta(name, hash)} describes another dataset`, {
    hint: 'Remove the folder of the dataset and import it again.',
  });
}

function missing(wanted: string, all: readonly Packed[]): LambduelError {
  const names = all.map(shown);
  if (!all.some((packed) => packed.name === DIGITS)) names.unshift(`${DIGITS} (built in)`);
  return new LambduelError(`There is no dataset ${wanted}; there is: ${names.join(', ')}`, {
    hint: 'Choose one of these, or add one with `lambduel data import`.',
  });
}

function ambiguous(wanted: string, name: string, found: readonly Packed[]): LambduelError {
  return new LambduelError(
    `${wanted} is the name of ${found.length} datasets: ${found.map(shown).join(', ')}`,
    { hint: `Say which one: ${name}@ and the first 6 or more digits of its checksum.` },
  );
}

function shown({ name, hash }: Packed): string {
  return `${name}@${hash.slice(0, SHOWN_DIGITS)}`;
}
