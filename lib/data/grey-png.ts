import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { InvalidDataError, messageOf } from '../errors.ts';
import type { RawPng } from './raw-png.ts';

/**
 * Decode a PNG into its greys, a byte a pixel. Greys of other depths are scaled to eight bits, and
 * colours are taken as grey when they are.
 *
 * @throws InvalidDataError whose message begins with `where`
 */
export function decodeGreyPng(where: string, png: RawPng): Uint8Array {
  const rgba = decode(where, png);
  const columns = png.shape[1];
  const grey = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < grey.length; i++) {
    const red = rgba[4 * i] as number;
    if (rgba[4 * i + 1] !== red || rgba[4 * i + 2] !== red) {
      throw new InvalidDataError(`${where}: it is in colour at ${place(i, columns)}`, {
        hint: 'Convert the images to grey.',
      });
    }
    if (rgba[4 * i + 3] !== 255) {
      throw new InvalidDataError(`${where}: it is transparent at ${place(i, columns)}`, {
        hint: 'Save the images without transparency, on the background that you want.',
      });
    }
    grey[i] = red;
  }
  return grey;
}

/** Red, green, blue and alpha of each pixel. */
function decode(where: string, png: RawPng): Buffer {
  try {
    checkPixels(png);
    return PNG.sync.read(png.bytes).data;
  } catch (cause) {
    throw new InvalidDataError(`${where}: it cannot be decoded: ${messageOf(cause)}`, {
      cause,
      hint: 'Save it again, or take it out of the folder.',
    });
  }
}

/**
 * Throw unless the rows inflate to just what they should. pngjs 7 does not find out on today's Node:
 * where rows are missing, its pixels are whatever the memory held before (seen on Node 20).
 */
function checkPixels({ shape, rowBytes, deflated }: RawPng): void {
  const wanted = shape[0] * rowBytes;
  const { length } = inflateSync(Buffer.concat(deflated), { maxOutputLength: wanted });
  if (length !== wanted) throw new Error(`there are ${length} of ${wanted} bytes of pixels`);
}

function place(pixel: number, columns: number): string {
  return `row ${Math.floor(pixel / columns) + 1}, column ${(pixel % columns) + 1}`;
}
