import { UsageError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { BadFile } from './bad-files.ts';
import type { DatasetMeta } from './dataset-meta.ts';
import { DIGITS } from './digits.ts';
import { checkDatasetName } from './name.ts';
import { packDataset } from './pack.ts';
import { readSource, type SourceOptions } from './source.ts';

/** How files become a dataset. */
export interface ImportOptions extends SourceOptions {
  readonly name: string;
  /** Mirror images at random while training. */
  readonly mirror?: boolean | undefined;
  /** Called with the number of bytes when all is read, before they are packed. */
  readonly onPacking?: ((bytes: number) => void) | undefined;
}

/** The result of an import. */
export interface Imported {
  readonly meta: DatasetMeta;
  /** Files of the folder that are not pictures. */
  readonly others: readonly string[];
  /** Pictures that were left out. */
  readonly skipped: readonly BadFile[];
}

/**
 * Make a dataset of an IDX file or of a folder of pictures. All of it is read and checked before
 * anything is written.
 *
 * @throws UsageError for an impossible name, path or option; InvalidDataError for the content of files
 */
export async function importDataset(
  store: Store,
  path: string,
  options: ImportOptions,
): Promise<Imported> {
  const { name, mirror, onPacking } = options;
  checkDatasetName(name);
  if (name === DIGITS) {
    throw new UsageError(`${DIGITS} is the name of the built-in dataset`, {
      hint: 'Choose another name.',
    });
  }
  const { others, skipped, ...source } = await readSource(path, options);
  onPacking?.(source.images.length);
  const meta = await packDataset(store, { ...source, name, mirror });
  return { meta, others, skipped };
}
