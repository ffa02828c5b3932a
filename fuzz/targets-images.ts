import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeGreyPng } from '../lib/data/grey-png.ts';
import { readIdx } from '../lib/data/idx.ts';
import { readRawPng } from '../lib/data/raw-png.ts';
import { InvalidDataError } from '../lib/errors.ts';
import { idxFile } from '../support/idx-file.ts';
import { chunk, END, grey, header, pixels, pngFile, pngOf } from '../support/png-file.ts';
import { anyBytes, damaged } from './byte-inputs.ts';
import { bytesTarget, type Target } from './target.ts';

const IDX = [
  idxFile({ sizes: [3, 2, 2], data: Uint8Array.from({ length: 12 }, (_, i) => i * 20) }),
  idxFile({ sizes: [2, 28, 28], data: new Uint8Array(1568).fill(7) }),
  idxFile({ sizes: [2], data: Uint8Array.of(1, 2) }),
];
const size = fc.oneof(fc.nat(4), fc.constantFrom(28, 4096, 4097, 65_536, 2 ** 31, 2 ** 32 - 1));

const anyIdx = fc
  .record({
    type: fc.oneof({ weight: 9, arbitrary: fc.constant(8) }, fc.nat(15)),
    sizes: fc.oneof(
      { weight: 9, arbitrary: fc.array(size, { minLength: 3, maxLength: 3 }) },
      fc.array(size, { maxLength: 4 }),
    ),
    data: fc.uint8Array({ maxLength: 80 }),
  })
  .map(idxFile);

const plainIdx = fc.oneof(damaged(IDX), anyIdx, anyBytes);

/** Small as files, and large as what they say. Zeros are deflated to a thousandth. */
const zeros = (megabytes: number, before: Uint8Array) =>
  gzipSync(Buffer.concat([before, Buffer.alloc(megabytes * 2 ** 20)]), { level: 1 });

const plainExtremes: Target['extremes'] = {
  'a GiB announced, nothing there': () =>
    idxFile({ sizes: [64, 4096, 4096], data: Buffer.alloc(999) }),
  'the largest counts': () =>
    idxFile({ sizes: [2 ** 32 - 1, 4096, 4096], data: new Uint8Array(0) }),
};

const gzipExtremes: Target['extremes'] = {
  'a GiB announced, nothing there': () =>
    gzipSync(idxFile({ sizes: [64, 4096, 4096], data: Buffer.alloc(999) })),
  'a bomb of 64 MiB that announces 12 bytes': () => zeros(64, IDX[0] as Uint8Array),
  'a bomb that is gzipped twice': () => gzipSync(zeros(64, IDX[0] as Uint8Array)),
  'a bomb that is no IDX file': () => zeros(64, new Uint8Array(0)),
  '100,000 empty gzip members': () =>
    Buffer.concat(Array<Buffer>(100_000).fill(gzipSync(Buffer.alloc(0)))),
};

function idxTarget(name: string, inputs: Target['inputs'], extremes: Target['extremes']): Target {
  return bytesTarget({
    name,
    inputs,
    extremes,
    extremeMb: 48, // less than the bombs become
    refuses: [InvalidDataError],
    feed: async (bytes) => {
      const path = join(tmpdir(), `lambduel-images-${process.pid}`);
      writeFileSync(path, bytes);
      try {
        const { images, examples, shape } = await readIdx(path);
        assert.equal(images.length, examples * shape[0] * shape[1]);
        assert(examples > 0 && images.length <= bytes.length * 1032);
      } finally {
        rmSync(path);
      }
    },
  });
}

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

const png = bytesTarget({
  name: 'png',
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
  refuses: [InvalidDataError],
  feed: (bytes) => {
    const raw = readRawPng('file', Buffer.from(bytes));
    assert.equal(decodeGreyPng('file', raw).length, raw.shape[0] * raw.shape[1]);
  },
});

/** Files of images, as they are imported. */
export const imageTargets: readonly Target[] = [
  idxTarget('idx', plainIdx, plainExtremes),
  idxTarget(
    'idx-gzip',
    fc.oneof(
      plainIdx.map((bytes) => gzipSync(bytes, { level: 1 })),
      damaged(IDX.map((bytes) => gzipSync(bytes))),
      fc
        .tuple(plainIdx, plainIdx)
        .map((parts) => Buffer.concat(parts.map((part) => gzipSync(part)))),
      fc.tuple(plainIdx, anyBytes).map(([file, rest]) => Buffer.concat([gzipSync(file), rest])),
    ),
    gzipExtremes,
  ),
  png,
];
