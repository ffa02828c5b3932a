import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';

type Rgba = readonly [number, number, number, number];

/** A PNG as pngjs writes it: 8 or 16 bits, of type grey 0, RGB 2, grey and alpha 4, or RGBA 6. */
export function pngFile(
  width: number,
  height: number,
  pixel: (row: number, column: number) => Rgba,
  { colorType = 0, bitDepth = 8 }: { colorType?: 0 | 2 | 4 | 6; bitDepth?: 8 | 16 } = {},
): Buffer {
  const png = new PNG({ width, height });
  const values = bitDepth === 8 ? png.data : new Uint16Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    values.set(pixel(Math.floor(i / width), i % width), 4 * i);
  }
  const data = bitDepth === 8 ? png.data : Buffer.from(values.buffer);
  return PNG.sync.write(Object.assign(png, { data }), {
    colorType,
    bitDepth,
    inputColorType: 6,
    inputHasAlpha: true,
  });
}

/** A grey, opaque pixel. */
export function grey(value: number, opaque = 255): Rgba {
  return [value, value, value, opaque];
}

/** A chunk of a PNG by its specification, for files that no library would write. */
export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** The data of an IHDR chunk. */
export function header(width: number, height: number, colorType = 0, depth = 8, interlace = 0) {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colorType, 0, 0, interlace], 8);
  return data;
}

/** A PNG of these chunks. */
export function pngOf(...chunks: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

/** The IDAT chunk of these rows, each of which begins with its filter's number. */
export function pixels(rows: Uint8Array): Buffer {
  return chunk('IDAT', deflateSync(rows));
}

export const END = chunk('IEND', new Uint8Array(0));
