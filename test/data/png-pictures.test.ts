import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listPictures, readImageFolder } from '../../lib/data/image-folder.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import { chunk, END, grey, header, pixels, pngFile, pngOf } from '../../support/png-file.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();

const readFolder = async (path: string) => readImageFolder(path, await listPictures(path));

async function folderOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await folders.folder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

const flat = (value: number, width = 2, height = 2) => pngFile(width, height, () => grey(value));
const ramp = (row: number, column: number) => 50 * row + 20 * column;
const RAMP = [0, 20, 40, 50, 70, 90];

describe('PNG pictures', () => {
  it('are read pixel by pixel', async () => {
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

        const read = await readFolder(folder);

        expect(read).toMatchObject({ examples: images.length, shape });
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
  ] as const)('of %s are grey images when all their pixels are', async (_, colorType, bitDepth) => {
    const scale = bitDepth === 8 ? 1 : 257;
    const pixel = (row: number, column: number) => grey(ramp(row, column) * scale, 255 * scale);
    const file = pngFile(3, 2, pixel, { colorType, bitDepth });

    const { images, shape } = await readFolder(await folderOf({ 'a.png': file }));

    expect(shape).toEqual([2, 3, 1]);
    expect(Array.from(images)).toEqual(RAMP);
  });

  it('may have greys of one bit and grey palettes, which are spread over 0 to 255', async () => {
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

    const { images } = await readFolder(await folderOf(files));

    expect(Array.from(images)).toEqual([255, 0, 255, 200, 9, 200]);
  });

  it('of 16 bits are taken by their upper 8', async () => {
    const greys = [0, 128, 256, 32767, 65279, 65280, 65535];
    const file = pngFile(7, 1, (_, column) => grey(greys[column] as number, 65535), {
      bitDepth: 16,
    });

    const { images } = await readFolder(await folderOf({ 'a.png': file }));

    expect(Array.from(images)).toEqual([0, 0, 1, 127, 254, 255, 255]);
  });

  const black = pixels(Uint8Array.of(0, 0));
  const tiny = chunk('IHDR', header(1, 1));
  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /it is empty/],
    ['something else by the name of a PNG', Buffer.from('GIF89a, say'), /it is not a PNG, JPEG/],
    ['a signature alone', pngOf(), /cannot be decoded/],
    ['a file cut short', flat(1).subarray(0, -20), /cannot be decoded/],
    ['a wrong checksum', flip(flat(1), 50), /cannot be decoded/],
    ['another chunk before the header', pngOf(black, tiny, END), /cannot be decoded/],
    ['no pixels', pngOf(tiny, END), /cannot be decoded/],
    ['too few pixels', pngOf(chunk('IHDR', header(9, 9)), black, END), /cannot be decoded/],
    ['an unknown depth', pngOf(chunk('IHDR', header(1, 1, 0, 7)), black, END), /cannot be decoded/],
    ['no palette', pngOf(chunk('IHDR', header(1, 1, 3)), black, END), /cannot be decoded/],
    ['no columns', pngOf(chunk('IHDR', header(0, 1)), black, END), /cannot be decoded/],
    ['4 G rows', pngOf(chunk('IHDR', header(1, 2 ** 32 - 1)), black, END), /cannot be decoded/],
    ['a second header', pngOf(tiny, chunk('IHDR', header(6e4, 6e4)), black, END), /be decoded/],
    ['a second palette', pngOf(tiny, chunk('PLTE', black), chunk('PLTE', black), END), /decoded/],
    ['5,000 columns', pngOf(chunk('IHDR', header(5000, 1)), black, END), /1 rows and 5000 columns/],
    [
      '200 megapixels',
      pngOf(chunk('IHDR', header(20_000, 10_000)), black, END),
      /it has 10000 x 20000 pixels/,
    ],
  ])('refuses %s, names the file and says what to do', async (_, bytes, problem) => {
    const reading = readFolder(await folderOf({ 'bad.png': bytes }));

    await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
    await expect(reading).rejects.toThrow(/^bad\.png: /);
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toMatchObject({ hint: expect.stringMatching(/\.$/) });
  });

  it('refuses a file that is too large without reading it', async () => {
    const folder = await folderOf({ 'big.png': flat(1) });
    await truncate(join(folder, 'big.png'), 2 ** 33);

    await expect(readFolder(folder)).rejects.toThrow('big.png: it has 8589934592 bytes');
  });

  it('are not inflated beyond the size of the image', async () => {
    const bomb = pngOf(tiny, pixels(new Uint8Array(2 ** 26)), END);
    const folder = await folderOf({ 'bomb.png': bomb });
    await readFolder(await folderOf({ 'a.png': flat(1) })); // the library is loaded
    const before = process.memoryUsage().rss;

    const { images } = await readFolder(folder);

    expect(images).toEqual(Uint8Array.of(0));
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

        const outcome = await readFolder(folder).catch((error: unknown) => error);

        if (outcome instanceof InvalidDataError) {
          expect(outcome.message).toMatch(/^any\.png: /);
        } else {
          const { images, shape } = outcome as Awaited<ReturnType<typeof readFolder>>;
          expect(images.length).toBe(shape[0] * shape[1] * shape[2]);
          expect((await readFolder(folder)).images).toEqual(images);
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
