import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ImageDecoder } from '../lib/data/image-decoder.ts';
import { InvalidDataError } from '../lib/errors.ts';
import { animatedWebp, picture } from '../support/pictures.ts';
import { chunk, END, grey, header, pixels, pngFile, pngOf } from '../support/png-file.ts';
import { anyBytes, damaged } from './byte-inputs.ts';
import { bytesTarget, type Target } from './target.ts';

const PNGS = [
  pngFile(3, 2, (row, column) => grey(row * 40 + column)),
  pngFile(2, 2, () => grey(9), { colorType: 2 }),
  pngFile(2, 2, () => grey(9), { colorType: 6, bitDepth: 16 }),
  pngOf(
    header(4, 2, 3, 1),
    chunk('PLTE', Buffer.from([0, 0, 0, 9, 9, 9])),
    pixels(Buffer.of(0, 80, 1, 3)),
    END,
  ),
];

/** Chunks with checksums that are right, in any order, with any content. */
const anyChunk = fc.oneof(
  fc
    .tuple(fc.nat(5), fc.nat(5), fc.nat(7), fc.constantFrom(1, 2, 4, 8, 16, 3), fc.nat(2))
    .map(([width, height, type, depth, interlace]) =>
      chunk('IHDR', header(width, height, type, depth, interlace)),
    ),
  fc.uint8Array({ maxLength: 60 }).map(pixels),
  fc.nat(60).map((length) => pixels(new Uint8Array(length))),
  fc.constant(END),
  fc
    .tuple(
      fc.constantFrom('PLTE', 'tRNS', 'gAMA', 'IDAT', 'IEND', 'tEXt', 'zTXt', 'iCCP', 'ABCD'),
      fc.uint8Array({ maxLength: 20 }),
    )
    .map(([type, data]) => chunk(type, data)),
);

const anyPng = fc
  .tuple(
    fc.nat(4),
    fc.nat(4),
    fc.constantFrom(0, 2, 3, 4, 6),
    fc.constantFrom(1, 8, 16),
    fc.array(anyChunk, { maxLength: 5 }),
  )
  .map(([width, height, type, depth, chunks]) =>
    pngOf(chunk('IHDR', header(width, height, type, depth)), ...chunks, END),
  );

/** Rows of zeros, unfiltered: what an image of this form inflates to. */
const blank = (side: number, bytesPerPixel: number) =>
  pixels(new Uint8Array(side * (1 + side * bytesPerPixel)));

/** An image whose pixels come after so many chunks of so many bytes each. */
const chunks = (count: number, bytes: number) => {
  const one = chunk('tEXt', new Uint8Array(bytes));
  one.write('IDAT', 4, 'latin1');
  return Buffer.concat([
    pngOf(chunk('IHDR', header(28, 28))),
    ...Array<Buffer>(count / 1000).fill(Buffer.concat(Array<Buffer>(1000).fill(one))),
    END,
  ]);
};

/** As a folder's pictures are decoded, as large as they are and scaled. */
function pictureTarget(target: Pick<Target, 'name' | 'inputs' | 'extremes'>): Target {
  return bytesTarget({
    ...target,
    refuses: [InvalidDataError],
    feed: async (bytes) => {
      for (const form of [{}, { size: 8, grey: true }]) {
        const decoder = await ImageDecoder.load(form);
        const { values, shape } = await decoder.decode('file', Buffer.from(bytes));
        assert.equal(values.length, shape[0] * shape[1] * shape[2]);
        assert.equal(shape[2], form.grey ? 1 : 3);
      }
    },
  });
}

const pngPictures = pictureTarget({
  name: 'picture-png',
  inputs: fc.oneof(
    damaged(PNGS),
    anyPng,
    anyBytes.map((bytes) => pngOf(Buffer.from(bytes))),
  ),
  extremes: {
    'the largest image, nothing there': () =>
      pngOf(chunk('IHDR', header(4096, 4096, 6, 16)), pixels(new Uint8Array(9)), END),
    'a small image that inflates to 64 MiB': () =>
      pngOf(chunk('IHDR', header(28, 28)), pixels(new Uint8Array(2 ** 26)), END),
    'a text that inflates to 64 MiB': () =>
      pngOf(
        chunk('IHDR', header(28, 28)),
        chunk('zTXt', gzipSync(new Uint8Array(2 ** 26), { level: 1 })),
        blank(28, 1),
        END,
      ),
    'an image of 1024 x 1024 greys': () =>
      pngOf(chunk('IHDR', header(1024, 1024)), blank(1024, 1), END),
    'a million empty chunks of pixels': () => chunks(1_000_000, 0),
    'five million chunks of a byte': () => chunks(5_000_000, 1),
    'a chunk that says it has 4 GiB': () => {
      const file = pngOf(chunk('IHDR', header(28, 28)), chunk('IDAT', new Uint8Array(100)));
      file.writeUInt32BE(0xffffffff, 33);
      return file;
    },
  },
});

const gradient = () => picture(16, 9, (row, column) => [row * 25, column * 15, row * column]);
const JPEGS = await Promise.all([
  gradient().jpeg().toBuffer(),
  gradient().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
  gradient().greyscale().jpeg().toBuffer(),
  gradient().toColourspace('cmyk').jpeg().toBuffer(),
  gradient().withIccProfile('p3').jpeg().toBuffer(),
]);
const WEBPS = await Promise.all([
  gradient().webp().toBuffer(),
  gradient().ensureAlpha(0.5).webp({ lossless: true }).toBuffer(),
  animatedWebp([1, 2, 3], [4, 5, 6]),
]);

/** A JPEG that says that it has so many rows and columns. */
function claiming(side: number): Buffer {
  const [file = Buffer.alloc(0)] = JPEGS;
  const frame = file.indexOf(Buffer.of(0xff, 0xc0));
  const claim = Buffer.from(file);
  claim.writeUInt16BE(side, frame + 5);
  claim.writeUInt16BE(side, frame + 7);
  return claim;
}

const otherPictures = pictureTarget({
  name: 'picture-jpeg-webp',
  inputs: fc.oneof(
    damaged(JPEGS),
    damaged(WEBPS),
    anyBytes.map((bytes) => Buffer.concat([Buffer.of(0xff, 0xd8, 0xff), bytes])),
    anyBytes.map((bytes) => Buffer.concat([Buffer.from('RIFF\x20\0\0\0WEBP', 'latin1'), bytes])),
  ),
  extremes: {
    'a JPEG that announces 4,000 x 4,000 pixels': () => claiming(4000),
    'a JPEG that announces 65,535 x 65,535 pixels': () => claiming(65_535),
  },
});

/** Files of pictures, as they are imported. */
export const pictureTargets: readonly Target[] = [pngPictures, otherPictures];
