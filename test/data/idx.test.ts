import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readIdx } from '../../lib/data/idx.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import { idxFile } from '../../support/idx-file.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
let folder: string;
beforeAll(async () => {
  folder = await folders.folder();
});

async function write(bytes: Uint8Array, name = 'images-idx3-ubyte'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const MOONS = idxFile({
  sizes: [3, 2, 2],
  data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2),
});

/** Any images, with the file that holds them. */
const anyFile = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 7 }),
  )
  .chain(([examples, rows, columns]) => {
    const size = examples * rows * columns;
    return fc.record({
      sizes: fc.constant([examples, rows, columns] as const),
      data: fc.uint8Array({ minLength: size, maxLength: size }),
    });
  });

describe('readIdx', () => {
  it('reads what an independent writer wrote, plain and gzipped, whatever the name', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, fc.boolean(), fc.boolean(), async (parts, gzip, named) => {
        const file = idxFile(parts);

        const path = await write(gzip ? gzipSync(file) : file, named ? 'images.gz' : 'images');
        const { images, examples, shape } = await readIdx(path);

        expect([examples, ...shape]).toEqual([...parts.sizes, 1]);
        expect(Buffer.compare(images, parts.data)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('reads a gzip file of several members, wherever they are cut', async () => {
    for (let cut = 0; cut <= MOONS.length; cut++) {
      const members = [gzipSync(MOONS.subarray(0, cut)), gzipSync(MOONS.subarray(cut))];

      const { images } = await readIdx(await write(Buffer.concat(members)));

      expect(Buffer.compare(images, MOONS.subarray(16))).toBe(0);
    }
  });

  it('reads a header that comes in parts, as after a file name that fills what is read at once', async () => {
    const stored = gzipSync(MOONS, { level: 0 });
    const start = Buffer.from(stored.subarray(0, 10));
    start[3] = 8; // a name follows
    for (let before = 0; before < 24; before++) {
      const name = Buffer.alloc(2 ** 18 - 10 - before, 'a');
      name[name.length - 1] = 0;

      const { images } = await readIdx(
        await write(Buffer.concat([start, name, stored.subarray(10)])),
      );

      expect(Buffer.compare(images, MOONS.subarray(16))).toBe(0);
    }
  });

  it('reads images of more than one chunk, and tells how far it is', async () => {
    const data = Uint8Array.from({ length: 1000 * 784 }, (_, i) => i * 7 + (i >> 8));
    const file = idxFile({ sizes: [1000, 28, 28], data });
    const progress: [number, number][] = [];

    for (const bytes of [file, gzipSync(file)]) {
      const path = await write(bytes);
      const { images } = await readIdx(path, (...told) => progress.push(told));
      expect(Buffer.compare(images, data)).toBe(0);
      expect(progress.at(-1)).toEqual([1000, 1000]);
    }

    expect(progress.length).toBeGreaterThan(4);
    expect(progress.every(([done, total]) => done <= 1000 && total === 1000)).toBe(true);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(0), /it is empty/],
    ['three bytes', MOONS.subarray(0, 3), /only 3 bytes/],
    ['a header cut short', MOONS.subarray(0, 15), /ends within its header, after 15 bytes/],
    ['a header alone', MOONS.subarray(0, 16), /too short for the 3 images/],
    ['a file cut short', MOONS.subarray(0, -1), /too short for the 3 images/],
    [
      'one byte too many',
      Buffer.concat([MOONS, MOONS.subarray(0, 1)]),
      /goes on after the 3 images/,
    ],
    [
      'a file of text',
      Buffer.from('a,b,c\n1,2,3\n'),
      /not an IDX file, for it begins with 612c622c/,
    ],
    ['a zip archive', Buffer.from('504b03041400000008000000', 'hex'), /begins with 504b0304/],
    [
      'an unknown type',
      idxFile({ type: 10, sizes: [1, 1, 1], data: Buffer.alloc(1) }),
      /not an IDX/,
    ],
    ['floats', idxFile({ type: 13, sizes: [1, 1, 1], data: Buffer.alloc(4) }), /32-bit floats/],
    ['colour images', idxFile({ sizes: [1, 1, 1, 3], data: Buffer.alloc(3) }), /4 dimensions/],
    [
      'a short labels file',
      idxFile({ sizes: [2], data: Buffer.alloc(2) }),
      /this is a labels file/,
    ],
    ['a labels file', idxFile({ sizes: [99], data: Buffer.alloc(99) }), /this is a labels file/],
    ['no examples', idxFile({ sizes: [0, 28, 28], data: Buffer.alloc(0) }), /no images/],
    ['no rows', idxFile({ sizes: [1, 0, 28], data: Buffer.alloc(0) }), /0 rows and 28 columns/],
    ['too wide images', idxFile({ sizes: [1, 1, 4097], data: Buffer.alloc(4097) }), /4097 columns/],
    ['4 G images', idxFile({ sizes: [2 ** 32 - 1, 28, 28], data: Buffer.alloc(9) }), /too many/],
    ['1 GiB claimed', idxFile({ sizes: [64, 4096, 4096], data: Buffer.alloc(9) }), /too short for/],
  ])('refuses %s, plain and gzipped, and says what to do', async (_, bytes, problem) => {
    for (const file of [bytes, gzipSync(bytes)]) {
      const reading = readIdx(await write(file));

      await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
      // Gzipped, what a file can hold is not known before its end.
      const known = file === bytes || !/too short/.test(problem.source);
      await expect(reading).rejects.toThrow(known ? problem : /too short|ends after \d of the 3/);
      await expect(reading).rejects.toThrow(/^images-idx3-ubyte: /);
      await expect(reading).rejects.toMatchObject({ hint: expect.stringMatching(/\.$/) });
    }
  });

  it('names the images file as the one to give for a labels file', async () => {
    const reading = readIdx(await write(idxFile({ sizes: [99], data: Buffer.alloc(99) })));

    await expect(reading).rejects.toMatchObject({ hint: expect.stringMatching(/the images file/) });
  });

  it.each<[string, (file: Buffer) => Buffer, RegExp]>([
    ['ends too early', (file) => file.subarray(0, -12), /gzip data ends too early/],
    ['has a wrong checksum', (file) => flip(file, file.length - 6), /gzip data is damaged/],
    ['is damaged', (file) => flip(file, 10), /gzip data is damaged/],
    ['is a header alone', (file) => file.subarray(0, 10), /gzip data ends too early/],
  ])('refuses gzip data that %s', async (_, damage, problem) => {
    const data = Uint8Array.from({ length: 7840 }, (_, i) => (i * i) >> 3);
    const file = gzipSync(idxFile({ sizes: [10, 28, 28], data }));

    const reading = readIdx(await write(damage(file)));

    await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
    await expect(reading).rejects.toThrow(problem);
  });

  it('reads no further than a gzip bomb announces, and keeps its memory', async () => {
    const path = await write(await bomb(MOONS, 2 ** 28));
    const before = process.memoryUsage();

    await expect(readIdx(path)).rejects.toThrow(/goes on after the 3 images/);

    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 24);
    expect(after.rss - before.rss).toBeLessThan(2 ** 26);
  });

  it('takes no memory for images that a file of its length cannot hold', async () => {
    const header = idxFile({ sizes: [64, 4096, 4096], data: Buffer.alloc(1000) });
    const path = await write(gzipSync(header));
    const before = process.memoryUsage().arrayBuffers;

    await expect(readIdx(path)).rejects.toThrow(/too short for the 64 images/);

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('answers any bytes with images or an InvalidDataError', async () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.concat([MOONS.subarray(0, 4), bytes])),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => gzipSync(bytes)),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.concat([gzipSync(MOONS), bytes])),
      fc
        .tuple(anyFile, fc.boolean(), fc.nat(), fc.nat(255), fc.nat(200))
        .map(([parts, gzip, at, value, end]) => {
          const file = gzip ? gzipSync(idxFile(parts)) : idxFile(parts);
          file[at % file.length] = value;
          return file.subarray(0, file.length - (end < 100 ? 0 : end - 100));
        }),
    );
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const path = await write(bytes, 'any');

        const outcome = await readIdx(path).catch((error: unknown) => error);

        if (outcome instanceof InvalidDataError) {
          expect(outcome.message).toMatch(/^any: /);
        } else {
          const { images, examples, shape } = outcome as Awaited<ReturnType<typeof readIdx>>;
          expect(images.length).toBe(examples * shape[0] * shape[1]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function flip(file: Buffer, at: number): Buffer {
  const flipped = Buffer.from(file);
  flipped[at] = (flipped[at] as number) ^ 0xff;
  return flipped;
}

/** A gzip file that begins as this one and goes on with zeros. */
async function bomb(start: Uint8Array, zeros: number): Promise<Buffer> {
  const gzip = createGzip({ level: 1 });
  const block = Buffer.alloc(2 ** 20);
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  gzip.write(start);
  for (let done = 0; done < zeros; done += block.length) {
    await new Promise<void>((resolve) => gzip.write(block, () => resolve()));
  }
  await new Promise<void>((resolve) => gzip.on('end', resolve).end());
  return Buffer.concat(parts);
}
