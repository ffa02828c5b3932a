import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { LambduelError, messageOf, UsageError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { DatasetMeta } from './dataset.ts';
import { DIGITS } from './digits.ts';
import { readIdx } from './idx.ts';
import type { Images, OnProgress } from './images.ts';
import { checkDatasetName } from './name.ts';
import { packDataset } from './pack.ts';
import { readPngFolder } from './png-folder.ts';

/**
 * Make a dataset of an IDX file or of a folder of PNG files. All of it is read and checked before
 * anything is written.
 *
 * @throws UsageError for a name or a path that cannot be; InvalidDataError for what is in the file
 */
export async function importDataset(
  store: Store,
  path: string,
  name: string,
  onProgress?: OnProgress,
): Promise<DatasetMeta> {
  checkDatasetName(name);
  if (name === DIGITS) {
    throw new UsageError(`${DIGITS} is the name of the built-in dataset`, {
      hint: 'Choose another name.',
    });
  }
  const images = await readImages(path, onProgress).catch((error: unknown) => {
    throw isFileSystemError(error) ? unreadable(path, error) : error;
  });
  return packDataset(store, { name, ...images });
}

async function readImages(
  path: string,
  onProgress?: OnProgress,
): Promise<Images & { source: string }> {
  const stats = await stat(path).catch((error: unknown) => {
    throw isFileSystemError(error) && MISSING.has(error.code) ? missing(path, error) : error;
  });
  const base = basename(resolve(path));
  if (stats.isDirectory()) {
    const { ignored, ...images } = await readPngFolder(path, onProgress);
    const others = ignored === 0 ? '' : `; other entries ignored: ${ignored}`;
    return { ...images, source: `PNG files of the folder ${base}${others}` };
  }
  if (stats.isFile()) {
    return { ...(await readIdx(path, onProgress)), source: `IDX file ${base}` };
  }
  throw new UsageError(`${path} is neither a file nor a folder`, { hint: WANTED });
}

const WANTED = 'Give an IDX file (plain or gzipped) or a folder of PNG files.';
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** An error that the operating system gave its code. */
function isFileSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

function missing(path: string, cause: Error): UsageError {
  return new UsageError(`There is no file or folder ${path}`, { cause, hint: WANTED });
}

function unreadable(path: string, cause: Error): LambduelError {
  return new LambduelError(`${path} cannot be read: ${messageOf(cause)}`, {
    cause,
    hint: 'Check that it is whole, and its permissions.',
  });
}
