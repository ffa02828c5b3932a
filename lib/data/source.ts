import { basename, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { BadFile } from './bad-files.ts';
import { guardReads, statOf } from './file-errors.ts';
import { readIdx } from './idx.ts';
import { readIdxLabels } from './idx-labels.ts';
import { type FolderOptions, listPictures, readImageFolder } from './image-folder.ts';
import type { Images, OnProgress } from './images.ts';
import { folderLabels, type Labels, numberedLabels } from './labels.ts';

const WANTED = 'Give an IDX file (plain or gzipped) or a folder of PNG, JPEG and WebP files.';
const WANTED_LABELS = 'Give `--labels folders`, or an IDX file of labels (plain or gzipped).';
/** The value that takes the names of subfolders as labels. */
const FOLDERS = 'folders';

/** How images are read. */
export interface SourceOptions extends FolderOptions {
  /** `folders`, or the path of an IDX file of labels. Default: there are no labels. */
  readonly labels?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Images with everything that a dataset needs beside its name. */
export interface Source extends Images {
  /** Where they came from, for people. */
  readonly source: string;
  readonly labels: Labels | undefined;
  readonly others: readonly string[];
  readonly skipped: readonly BadFile[];
}

/** Read an IDX file or a folder of pictures. @throws UsageError, InvalidDataError */
export async function readSource(path: string, options: SourceOptions): Promise<Source> {
  const stats = await statOf(path, WANTED);
  const { labels } = options;
  if (
    labels !== undefined &&
    labels !== FOLDERS &&
    !(await statOf(labels, WANTED_LABELS)).isFile()
  ) {
    throw new UsageError(`${labels} is not a file of labels`, { hint: WANTED_LABELS });
  }
  if (stats.isDirectory()) return readFolder(path, options);
  if (stats.isFile()) return readFile(path, options);
  throw new UsageError(`${path} is neither a file nor a folder`, { hint: WANTED });
}

async function readFile(path: string, options: SourceOptions): Promise<Source> {
  const { size, grey, skipBad, labels, onProgress } = options;
  if (size !== undefined || grey || skipBad || labels === FOLDERS) {
    throw new UsageError(
      `${path} is a file: --size, --grey, --skip-bad and --labels folders are for folders`,
      { hint: 'Leave them out: the images of an IDX file are grey, and are taken as they are.' },
    );
  }
  const images = await guardReads(path, () => readIdx(path, onProgress));
  return {
    ...images,
    source: `IDX file ${basename(path)}`,
    labels: labels === undefined ? undefined : await fileLabels(labels, images.examples),
    others: [],
    skipped: [],
  };
}

async function readFolder(path: string, options: SourceOptions): Promise<Source> {
  const files = await guardReads(path, () => listPictures(path));
  const { pictures, others } = files;
  // Check that the labels fit before the pictures are read, which may take long.
  const labels = await labelsOf(path, pictures, options.labels);
  const { places, skipped, ...images } = await guardReads(path, () =>
    readImageFolder(path, files, options, options.onProgress),
  );
  const ignored = others.length === 0 ? '' : `; other files ignored: ${others.length}`;
  const left = skipped.length === 0 ? '' : `; bad files left out: ${skipped.length}`;
  return {
    ...images,
    source: `pictures of the folder ${basename(resolve(path))}${ignored}${left}`,
    labels: labels && { ...labels, values: labels.values.filter(memberOf(places)) },
    others,
    skipped,
  };
}

async function labelsOf(
  folder: string,
  pictures: readonly string[],
  labels: string | undefined,
): Promise<Labels | undefined> {
  if (labels === undefined) return undefined;
  return labels === FOLDERS ? folderLabels(folder, pictures) : fileLabels(labels, pictures.length);
}

async function fileLabels(path: string, examples: number): Promise<Labels> {
  return numberedLabels(await guardReads(path, () => readIdxLabels(path, examples)));
}

function memberOf(places: readonly number[]): (value: number, place: number) => boolean {
  const members = new Set(places);
  return (_, place) => members.has(place);
}
