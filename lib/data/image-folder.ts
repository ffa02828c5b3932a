import { InvalidDataError, messageOf } from '../errors.ts';
import { type BadFile, badFiles } from './bad-files.ts';
import { type FolderFiles, listFolder, readFileOf } from './folder-files.ts';
import { ImageBuffer } from './image-buffer.ts';
import { type DecodedImage, ImageDecoder, type ImageForm } from './image-decoder.ts';
import type { Images, OnProgress } from './images.ts';

/** How many pictures are decoded at once. More take memory and gain nothing on most machines. */
const AT_ONCE = 4;

/** How a folder is read. */
export interface FolderOptions extends ImageForm {
  /** Leave out pictures that cannot be read, instead of refusing the folder. */
  readonly skipBad?: boolean | undefined;
}

/** The images of a folder. */
export interface FolderImages extends Images {
  /** Where each image is among the folder's pictures. */
  readonly places: readonly number[];
  /** Pictures that were left out. */
  readonly skipped: readonly BadFile[];
}

/**
 * Read the pictures of a folder: PNG, JPEG and WebP files. Images have one channel if all are grey
 * or grey was asked for, otherwise three. All pictures are looked at before bad ones are reported.
 *
 * @throws InvalidDataError that names the files; the file system's own errors
 */
export async function readImageFolder(
  path: string,
  { pictures }: FolderFiles,
  options: FolderOptions = {},
  onProgress?: OnProgress,
): Promise<FolderImages> {
  const decoder = await ImageDecoder.load(options);
  const buffer = new ImageBuffer(pictures.length);
  const places: number[] = [];
  const skipped: BadFile[] = [];
  for (let start = 0; start < pictures.length; start += AT_ONCE) {
    const some = pictures.slice(start, start + AT_ONCE);
    const read = await Promise.all(some.map((name) => readPicture(path, name, decoder)));
    for (const [i, image] of read.entries()) {
      const name = some[i] as string;
      if ('problem' in image) {
        skipped.push(image);
        continue;
      }
      buffer.add(name, image);
      places.push(start + i);
    }
    onProgress?.(start + some.length, pictures.length);
  }
  if (skipped.length > 0 && (!options.skipBad || places.length === 0)) {
    throw badFiles(skipped, pictures.length);
  }
  return { ...buffer.finish(path), places, skipped };
}

/** The pictures of a folder. @throws InvalidDataError when there are none */
export async function listPictures(path: string): Promise<FolderFiles> {
  const files = await listFolder(path);
  if (files.pictures.length > 0) return files;
  const { length } = files.others;
  const problem = length === 0 ? 'is empty' : `has no pictures among its ${length} files`;
  throw new InvalidDataError(`The folder ${path} ${problem}`, {
    hint: 'Give a folder that holds PNG, JPEG or WebP files, itself or in folders of its own.',
  });
}

async function readPicture(
  folder: string,
  name: string,
  decoder: ImageDecoder,
): Promise<DecodedImage | BadFile> {
  try {
    return await decoder.decode(name, await readFileOf(folder, name));
  } catch (error) {
    if (error instanceof InvalidDataError) return { problem: error };
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const problem = new InvalidDataError(`${name}: it cannot be read: ${messageOf(error)}`, {
      cause: error,
      hint: 'Check its permissions, or take it out of the folder.',
    });
    return { problem };
  }
}
