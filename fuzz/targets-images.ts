import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readIdx } from '../lib/data/idx.ts';
import { readIdxLabels } from '../lib/data/idx-labels.ts';
import { InvalidDataError } from '../lib/errors.ts';
import { idxFile } from '../support/idx-file.ts';
import { anyBytes, damaged } from './byte-inputs.ts';
import { bytesTarget, type Target } from './target.ts';

const IDX = [
  idxFile({ sizes: [3, 2, 2], data: Uint8Array.from({ length: 12 }, (_, i) => i * 20) }),
  idxFile({ sizes: [2, 28, 28], data: new Uint8Array(1568).fill(7) }),
  idxFile({ sizes: [2], data: Uint8Array.of(1, 2) }),
];
const LABELS = [
  idxFile({ sizes: [3], data: Uint8Array.of(0, 9, 1) }),
  idxFile({ sizes: [0], data: new Uint8Array(0) }),
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
    feed: (bytes) =>
      withFile(bytes, async (path) => {
        const { images, examples, shape } = await readIdx(path);
        assert.equal(images.length, examples * shape[0] * shape[1]);
        assert(examples > 0 && images.length <= bytes.length * 1032);
      }),
  });
}

/** Have a file of these bytes read. */
async function withFile(bytes: Uint8Array, read: (path: string) => Promise<void>): Promise<void> {
  const path = join(tmpdir(), `lambduel-images-${process.pid}`);
  writeFileSync(path, bytes);
  try {
    await read(path);
  } finally {
    rmSync(path);
  }
}

const labels = bytesTarget({
  name: 'idx-labels',
  inputs: fc.oneof(
    damaged([...LABELS, ...LABELS.map((bytes) => gzipSync(bytes))]),
    anyIdx,
    anyIdx.map((bytes) => gzipSync(bytes, { level: 1 })),
    anyBytes,
  ),
  extremes: {
    'a bomb of 64 MiB': () => zeros(64, LABELS[0] as Uint8Array),
    'a bomb that is no IDX file': () => zeros(64, new Uint8Array(0)),
  },
  extremeMb: 48,
  refuses: [InvalidDataError],
  feed: (bytes) =>
    withFile(bytes, async (path) => {
      assert.equal((await readIdxLabels(path, 3)).length, 3);
    }),
});

/** IDX files, as they are imported. */
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
  labels,
];
