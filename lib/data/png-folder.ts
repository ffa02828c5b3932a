import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidDataError } from '../errors.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import { decodeGreyPng } from './grey-png.ts';
import { checkForm, type Images, type OnProgress } from './images.ts';
import { type RawPng, readRawPng } from './raw-png.ts';

/** More than an image of 4,096 x 4,096 greys takes, were it incompressible. */
const MAX_FILE_BYTES = 2 ** 26;

/** The images of a folder. */
export interface FolderImages extends Images {
  /** How many entries of the folder are not PNG files. */
  readonly ignored: number;
}

/**
 * Read a folder of grey PNG files of one size, in the order of their names' code units. Folders in
 * it are not entered.
 *
 * @throws InvalidDataError that names the file; the file system's own errors
 */
export async function readPngFolder(path: string, onProgress?: OnProgress): Promise<FolderImages> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && isPngName(entry.name))
    .map((entry) => entry.name)
    .sort();
  const [first] = names;
  if (first === undefined) throw empty(path, entries.length);
  let pixels: Pixels | undefined;
  for (const [index, name] of names.entries()) {
    const png = readRawPng(name, await readBounded(path, name));
    pixels ??= new Pixels(first, names.length, png.shape);
    pixels.add(name, png);
    onProgress?.(index + 1, names.length);
  }
  const { images, shape } = pixels as Pixels;
  return { images, examples: names.length, shape, ignored: entries.length - names.length };
}

/** Names that begin with a dot are an operating system's own: macOS makes `._1.png` of `1.png`. */
function isPngName(name: string): boolean {
  return name.toLowerCase().endsWith('.png') && !name.startsWith('.');
}

async function readBounded(folder: string, name: string): Promise<Buffer> {
  const path = join(folder, name);
  const stats = await stat(path); // a link may lead to anything, and opening a pipe waits for its writer
  if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
    const problem = stats.isFile() ? `it has ${stats.size} bytes` : 'it is not a file';
    throw new InvalidDataError(`${name}: ${problem}`, {
      hint: `Images are files of at most ${MAX_FILE_BYTES} bytes: take it out of the folder.`,
    });
  }
  const { size } = stats;
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The pixels of all files, whose shape the first one gives. */
class Pixels {
  readonly images: Uint8Array;
  readonly shape: ExampleShape;
  readonly #first: string;
  #done = 0;

  constructor(first: string, examples: number, [rows, columns]: RawPng['shape']) {
    this.shape = [rows, columns, 1];
    checkForm(first, examples, this.shape);
    this.#first = first;
    this.images = new Uint8Array(examples * exampleValues(this.shape));
  }

  add(name: string, png: RawPng): void {
    const [rows, columns] = png.shape;
    if (rows !== this.shape[0] || columns !== this.shape[1]) {
      throw new InvalidDataError(
        `${name}: it has ${rows} x ${columns} pixels, ` +
          `but ${this.#first} has ${this.shape[0]} x ${this.shape[1]}`,
        { hint: 'All images of a folder must have one size: scale or crop them, or take it out.' },
      );
    }
    const grey = decodeGreyPng(name, png);
    this.images.set(grey, this.#done);
    this.#done += grey.length;
  }
}

function empty(path: string, entries: number): InvalidDataError {
  const what = entries === 0 ? 'is empty' : `has no PNG files among its ${entries} entries`;
  return new InvalidDataError(`The folder ${path} ${what}`, {
    hint: 'Give a folder that holds PNG files itself, not in folders of its own.',
  });
}
