import { open, readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { InvalidDataError } from '../errors.ts';

/** About the size of a picture of 100 million pixels that is hard to compress. */
const MAX_FILE_BYTES = 2 ** 27;

/** Endings of pictures' names. Kinds that cannot be read count as bad pictures. */
const PICTURES = new Set(
  ['.png', '.jpg', '.jpeg', '.webp'].concat([
    '.gif',
    '.bmp',
    '.tif',
    '.tiff',
    '.avif',
    '.heic',
    '.heif',
    '.jxl',
    '.jp2',
    '.svg',
    '.ico',
  ]),
);

/** What is in a folder, at any depth. */
export interface FolderFiles {
  /** The paths of the pictures from the folder on, with "/", in the order of their code units. */
  readonly pictures: readonly string[];
  /** Other files, in the same order. */
  readonly others: readonly string[];
}

/** List a folder and its subfolders. Names that begin with a dot are ignored. */
export async function listFolder(path: string): Promise<FolderFiles> {
  const pictures: string[] = [];
  const others: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(path, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const name = folder + entry.name;
      if (entry.isDirectory()) folders.push(`${name}/`);
      else (PICTURES.has(extname(name).toLowerCase()) ? pictures : others).push(name);
    }
  }
  return { pictures: pictures.sort(), others: others.sort() };
}

/**
 * All bytes of a file of a folder.
 *
 * @throws InvalidDataError that names it, when it is not a file or is too large; the file system's own
 *   errors
 */
export async function readFileOf(folder: string, name: string): Promise<Buffer> {
  const path = join(folder, name);
  const stats = await stat(path); // a link may lead to a pipe, and opening a pipe waits for its writer
  if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
    const problem = stats.isFile() ? `it has ${stats.size} bytes` : 'it is not a file';
    throw new InvalidDataError(`${name}: ${problem}`, {
      hint: `Pictures are files of at most ${MAX_FILE_BYTES} bytes: take it out of the folder.`,
    });
  }
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(stats.size);
    const { bytesRead } = await file.read(bytes, 0, stats.size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
