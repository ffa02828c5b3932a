import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LambduelError, messageOf } from '../errors.ts';
import { encodeImage } from '../observe/png.ts';
import { type ExampleShape, exampleValues } from '../program/example-shape.ts';
import { writeWholeFile } from './write-file.ts';
import { requireNoNames } from './write-folder.ts';

/** Digits of a file's number, so that names sort as numbers do. */
const DIGITS = 5;

/** Make a folder for images. @throws UsageError when it exists and is not empty */
export async function requireEmptyFolder(folder: string): Promise<void> {
  const names = await mkdir(folder, { recursive: true })
    .then(() => readdir(folder))
    .catch((cause: unknown) => {
      throw new LambduelError(`${folder} cannot be a folder of images: ${messageOf(cause)}`, {
        cause,
        hint: 'Choose another folder with --folder.',
      });
    });
  requireNoNames(names, folder, '--folder', 'images');
}

/** Write one PNG file per image: `00000.png` and so on. @param images values 0 to 255 */
export async function writeImages(
  folder: string,
  images: Uint8Array,
  shape: ExampleShape,
): Promise<void> {
  const size = exampleValues(shape);
  for (let i = 0; i * size < images.length; i++) {
    const image = encodeImage(images.subarray(i * size, (i + 1) * size), shape);
    await writeWholeFile(join(folder, `${String(i).padStart(DIGITS, '0')}.png`), image);
  }
}
