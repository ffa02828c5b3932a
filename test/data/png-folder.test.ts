import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPngFolder } from '../../lib/data/png-folder.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import { chunk, END, grey, header, pixels, pngFile, pngOf } from '../../support/png-file.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();

async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await folders.folder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

const flat = (value: number, width = 2, height = 2) => pngFile(width, height, () => grey(value));
const ramp = (row: number, column: number) => 50 * row + 20 * column;
const RAMP = [0, 20, 40, 50, 70, 90];

describe('readPngFolder', () => {
  it('reads any grey images, pixel by pixel', async () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
    const cases = sizes.chain(([rows, columns]) =>
      fc.record({
        shape: fc.constant([rows, columns, 1] as const),
        images: fc.array(fc.uint8Array({ minLength: rows * columns, maxLength: rows * columns }), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, images }) => {
        const [rows, columns] = shape;
        const files = images.map((image, i): [string, Buffer] => [
          `${i}.png`,
          pngFile(columns, rows, (row, column) => grey(image[row * columns + column] as number)),
        ]);
        const folder = await folderOf(Object.fromEntries(files));

        const read = await readPngFolder(folder);

        expect(read).toMatchObject({ examples: images.length, shape, ignored: 0 });
        expect(Array.from(read.images)).toEqual(images.flatMap((image) => Array.from(image)));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['8-bit grey', 0, 8],
    ['8-bit RGB', 2, 8],
    ['8-bit grey with alpha', 4, 8],
    ['8-bit RGBA', 6, 8],
    ['16-bit grey', 0, 16],
    ['16-bit RGB', 2, 16],
    ['16-bit RGBA', 6, 16],
  ] as const)('takes %s as grey', async (_, colorType, bitDepth) => {
    const scale = bitDepth === 8 ? 1 : 257;
    const pixel = (row: number, column: number) => grey(ramp(row, column) * scale, 255 * scale);
    const file = pngFile(3, 2, pixel, { colorType, bitDepth });

    const { images, shape } = await readPngFolder(await folderOf({ 'a.png': file }));

    expect(shape).toEqual([2, 3, 1]);
    expect(Array.from(images)).toEqual(RAMP);
  });

  it('takes greys of one bit and grey palettes, which are spread over 0 to 255', async () => {
    const files = {
      'bits.png': pngOf(
        chunk('IHDR', header(3, 1, 0, 1)),
        pixels(Uint8Array.of(0, 0b10100000)),
        END,
      ),
      'palette.png': pngOf(
        chunk('IHDR', header(3, 1, 3, 8)),
        chunk('PLTE', Uint8Array.of(9, 9, 9, 200, 200, 200)),
        pixels(Uint8Array.of(0, 1, 0, 1)),
        END,
      ),
    };

    const { images } = await readPngFolder(await folderOf(files));

    expect(Array.from(images)).toEqual([255, 0, 255, 200, 9, 200]);
  });

  it('reduces 16 bits to the nearest of 8', async () => {
    const greys = [0, 128, 129, 32767, 65406, 65407, 65535];
    const file = pngFile(7, 1, (_, column) => grey(greys[column] as number, 65535), {
      bitDepth: 16,
    });

    const { images } = await readPngFolder(await folderOf({ 'a.png': file }));

    expect(Array.from(images)).toEqual([0, 0, 1, 127, 254, 255, 255]);
  });

  it('orders the files by the code units of their names, and tells how far it is', async () => {
    const names = [
      'b.png',
      'a.PNG',
      'a10.png',
      'a9.png',
      'é.png',
      'Z.png',
      '\uff5e.png',
      '\u{1f319}.png',
    ];
    const files = Object.fromEntries(names.map((name, i) => [name, flat(i, 1, 1)]));
    const progress: [number, number][] = [];

    const { images } = await readPngFolder(await folderOf(files), (...told) => progress.push(told));

    expect(Array.from(images, (i) => names[i])).toEqual([...names].sort());
    expect(progress).toEqual(names.map((_, i) => [i + 1, names.length]));
  });

  it('ignores and counts what is not a PNG file by its name, and folders', async () => {
    const folder = await folderOf({
      '1.png': flat(1),
      'labels.csv': Buffer.from('1,2'),
      '._1.png': Buffer.from('an operating system own file'),
      'x.png.gz': Buffer.alloc(3),
    });
    await mkdir(join(folder, 'more.png'));

    expect(await readPngFolder(folder)).toMatchObject({ examples: 1, ignored: 4 });
  });

  it('follows links to files, and names a link to a folder', async () => {
    const folder = await folderOf({});
    const target = await folderOf({ 'real.png': flat(7, 1, 1) });
    await symlink(join(target, 'real.png'), join(folder, 'a.png'));
    expect(Array.from((await readPngFolder(folder)).images)).toEqual([7]);

    await symlink(target, join(folder, 'b.png'));

    await expect(readPngFolder(folder)).rejects.toThrow('b.png: it is not a file');
  });

  it.each([
    ['is empty', {}],
    ['has no PNG files among its 2 entries', { 'a.jpg': Buffer.alloc(1), b: Buffer.alloc(1) }],
  ])('refuses a folder that %s', async (problem, files) => {
    const reading = readPngFolder(await folderOf(files));

    await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toMatchObject({ hint: expect.any(String) });
  });

  it('names the file of another size, with both sizes', async () => {
    const folder = await folderOf({
      'a.png': flat(1, 3, 2),
      'b.png': flat(1, 3, 2),
      'c.png': flat(1, 4, 2),
    });

    await expect(readPngFolder(folder)).rejects.toThrow(
      'c.png: it has 2 x 4 pixels, but a.png has 2 x 3',
    );
  });

  const transparentGrey = Uint8Array.of(0, 5);
  const black = pixels(Uint8Array.of(0, 0));
  const tiny = chunk('IHDR', header(1, 1));
  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /not a PNG file/],
    ['a JPEG by the name of a PNG', Buffer.from('ffd8ffe000104a464946', 'hex'), /not a PNG file/],
    ['a signature alone', pngOf(), /header is not as it should be/],
    ['a file cut short', flat(1).subarray(0, -20), /cannot be decoded/],
    ['a wrong checksum', flip(flat(1), 50), /cannot be decoded/],
    ['another chunk before the header', pngOf(black, tiny, END), /header is not as/],
    ['no pixels', pngOf(tiny, END), /cannot be decoded: unexpected end of file/],
    ['too few pixels', pngOf(chunk('IHDR', header(9, 9)), black, END), /there are 2 of 90 bytes/],
    ['an unknown depth', pngOf(chunk('IHDR', header(1, 1, 0, 7)), black, END), /bit depth is not/],
    ['no palette', pngOf(chunk('IHDR', header(1, 1, 3)), black, END), /cannot be decoded/],
    ['an interlaced image', pngOf(chunk('IHDR', header(1, 1, 0, 8, 1)), black, END), /interlaced/],
    ['no columns', pngOf(chunk('IHDR', header(0, 1)), black, END), /1 rows and 0 columns/],
    ['4 G rows', pngOf(chunk('IHDR', header(1, 2 ** 32 - 1)), black, END), /4294967295 rows/],
    ['a second header', pngOf(tiny, chunk('IHDR', header(60000, 60000)), black, END), /header/],
    ['a second palette', pngOf(tiny, chunk('PLTE', black), chunk('PLTE', black), END), /palette/],
    [
      'a part for each byte of its pixels',
      pngOf(tiny, ...Array<Buffer>(70_000).fill(chunk('IDAT', black.subarray(0, 1))), END),
      /number of chunks/,
    ],
    ['a huge palette', pngOf(tiny, chunk('PLTE', Buffer.alloc(2 ** 20)), black, END), /palette/],
    ['a colour', pngFile(2, 1, (_, x) => [1, 1, 1 + x, 255], { colorType: 2 }), /row 1, column 2/],
    ['transparency', pngFile(1, 2, (y) => grey(1, 255 - y), { colorType: 6 }), /row 2, column 1/],
    [
      'a transparent grey',
      pngOf(tiny, chunk('tRNS', transparentGrey), pixels(Uint8Array.of(0, 5)), END),
      /transparent at row 1, column 1/,
    ],
  ])('refuses %s, names the file and says what to do', async (_, bytes, problem) => {
    const reading = readPngFolder(await folderOf({ 'bad.png': bytes }));

    await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
    await expect(reading).rejects.toThrow(/^bad\.png: /);
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toMatchObject({ hint: expect.stringMatching(/\.$/) });
  });

  it('refuses a file that is too large without reading it', async () => {
    const folder = await folderOf({ 'big.png': flat(1) });
    await truncate(join(folder, 'big.png'), 2 ** 33);

    await expect(readPngFolder(folder)).rejects.toThrow('big.png: it has 8589934592 bytes');
  });

  it('refuses more pixels than can be kept by the first header alone', async () => {
    const claim = pngOf(chunk('IHDR', header(4096, 4096)), black, END);
    const files = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`${i}.png`, claim]));

    await expect(readPngFolder(await folderOf(files))).rejects.toThrow(/too many to keep/);
  });

  it('does not inflate pixels beyond the size of the image', async () => {
    const bomb = pngOf(tiny, pixels(new Uint8Array(2 ** 26)), END);
    const folder = await folderOf({ 'bomb.png': bomb });
    const before = process.memoryUsage().rss;

    await expect(readPngFolder(folder)).rejects.toThrow(/^bomb.png: it cannot be decoded/);

    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 25);
  });

  it('answers any bytes by the name of a PNG with the same images each time, or an InvalidDataError', async () => {
    const folder = await folders.folder();
    const kinds = [0, 2, 6] as const;
    const anyPng = fc
      .record({ kind: fc.constantFrom(...kinds), width: fc.integer({ min: 1, max: 4 }) })
      .map(({ kind, width }) => pngFile(width, 3, (y, x) => grey(9 * y + x), { colorType: kind }));
    const type = fc.constantFrom('IHDR', 'PLTE', 'tRNS', 'gAMA', 'IDAT', 'IEND', 'tEXt', 'XXXX');
    const someChunk = fc
      .tuple(type, fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(header(2, 2, 3, 4))))
      .map(([name, data]) => chunk(name, data));
    const headers = fc
      .tuple(fc.nat(3), fc.nat(3), fc.constantFrom(0, 2, 3, 4, 6), fc.constantFrom(1, 2, 4, 8, 16))
      .map((parts) => chunk('IHDR', header(...parts)));
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(anyPng, fc.nat(), fc.nat(255), fc.nat(80)).map(([file, at, value, end]) => {
        file[at % file.length] = value;
        return file.subarray(0, file.length - (end < 40 ? 0 : end - 40));
      }),
      // With right checksums, so that the damage reaches what reads the chunks.
      fc
        .tuple(headers, fc.array(someChunk, { maxLength: 5 }), fc.uint8Array({ maxLength: 30 }))
        .map(([first, chunks, rows]) => pngOf(first, ...chunks, pixels(rows), END)),
      // Whole, but for a filter, a palette or pixels that make no sense.
      fc
        .tuple(
          fc.constantFrom(0, 3),
          fc.uint8Array({ maxLength: 9 }),
          fc.uint8Array({ minLength: 6, maxLength: 6 }),
        )
        .map(([kind, palette, rows]) =>
          pngOf(chunk('IHDR', header(2, 2, kind)), chunk('PLTE', palette), pixels(rows), END),
        ),
    );
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        await writeFile(join(folder, 'any.png'), bytes);

        const outcome = await readPngFolder(folder).catch((error: unknown) => error);

        if (outcome instanceof InvalidDataError) {
          expect(outcome.message).toMatch(/^any\.png: /);
        } else {
          const { images, shape } = outcome as Awaited<ReturnType<typeof readPngFolder>>;
          expect(images.length).toBe(shape[0] * shape[1]);
          expect((await readPngFolder(folder)).images).toEqual(images);
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
