import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FolderOptions, listPictures, readImageFolder } from '../../lib/data/image-folder.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import { animatedWebp, picture, plain } from '../../support/pictures.ts';
import { grey, pngFile } from '../../support/png-file.ts';
import { testFolders } from './folder.ts';

const folders = testFolders();
const RED = [255, 0, 0] as const;
const lossless = { lossless: true };

async function folderOf(files: Readonly<Record<string, Uint8Array | Promise<Buffer>>>) {
  const folder = await folders.folder();
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), await bytes);
  }
  return folder;
}

const read = async (path: string, options?: FolderOptions) =>
  readImageFolder(path, await listPictures(path), options);

const flat = (value: number, side = 1) => pngFile(side, side, () => grey(value));

describe('a folder of pictures', () => {
  it('may hold PNG, JPEG and WebP files, whatever their names say of that', async () => {
    const folder = await folderOf({
      'a.png': plain([10]).png().toBuffer(),
      'b.jpg': plain([20]).jpeg({ quality: 100 }).toBuffer(),
      'c.JPEG': plain([30]).webp(lossless).toBuffer(),
      'd.webp': plain([40]).webp(lossless).toBuffer(),
    });

    const { images, examples, shape } = await read(folder);

    expect({ examples, shape }).toEqual({ examples: 4, shape: [2, 2, 1] });
    expect(Array.from(images)).toEqual([10, 20, 30, 40].flatMap((value) => Array(4).fill(value)));
  });

  it('is read in the order of the code units of paths, at any depth', async () => {
    const names = ['b.png', 'a.PNG', 'a10.png', 'a9.png', 'é.png', 'Z.png', 'a/z.png', 'a/b/c.png'];
    const files = Object.fromEntries(names.map((name, i) => [name, flat(i)]));

    const { images } = await read(await folderOf(files));

    expect(Array.from(images, (i) => names[i])).toEqual([...names].sort());
  });

  it('may hold hidden files, which are ignored, and others, which are named', async () => {
    const folder = await folderOf({
      '1.png': flat(1),
      '._1.png': Buffer.from('an operating system own file'),
      '.hidden/2.png': flat(2),
      'labels.csv': Buffer.from('1,2'),
      'more/x.png.gz': Buffer.alloc(3),
    });

    const { pictures, others } = await listPictures(folder);

    expect(pictures).toEqual(['1.png']);
    expect(others).toEqual(['labels.csv', 'more/x.png.gz']);
  });

  it('makes all images three channels when one is in colour, be it the last', async () => {
    const files = { '1.png': flat(1), '2.png': flat(2), '3.png': plain(RED, 1).png().toBuffer() };

    const { images, shape } = await read(await folderOf({ ...files, '4.png': flat(4) }));

    expect(shape).toEqual([1, 1, 3]);
    expect(Array.from(images)).toEqual([1, 1, 1, 2, 2, 2, ...RED, 4, 4, 4]);
  });

  it('makes all images grey when asked to', async () => {
    const folder = await folderOf({ '1.png': plain(RED).png().toBuffer(), '2.png': flat(7, 2) });

    const { images, shape } = await read(folder, { grey: true });

    expect(shape).toEqual([2, 2, 1]);
    const [red] = images;
    expect(red).toBeGreaterThan(50);
    expect(red).toBeLessThan(150);
    expect(Array.from(images)).toEqual([red, red, red, red, 7, 7, 7, 7]);
  });

  it('crops pictures to their central square and scales it', async () => {
    const inTheMiddle = (at: number) => (at >= 4 && at < 8 ? [200] : [0]);
    const folder = await folderOf({
      'large.png': plain([200], 100).png().toBuffer(),
      'small.png': plain([200], 1).png().toBuffer(),
      'tall.png': picture(4, 12, (row) => inTheMiddle(row))
        .png()
        .toBuffer(),
      'wide.png': picture(12, 4, (_, column) => inTheMiddle(column))
        .png()
        .toBuffer(),
    });

    const { images, shape } = await read(folder, { size: 2 });

    expect(shape).toEqual([2, 2, 1]);
    expect(Array.from(images)).toEqual(Array(16).fill(200));
  });

  it('keeps what is left and what is above when it scales', async () => {
    const quadrants = (row: number, column: number) => [
      Math.floor(row / 8) * 100 + Math.floor(column / 8) * 50,
    ];
    const folder = await folderOf({ 'a.png': picture(16, 16, quadrants).png().toBuffer() });

    const { images } = await read(folder, { size: 16 });
    const { images: scaled } = await read(folder, { size: 4 });

    expect([images[0], images[15], images[240], images[255]]).toEqual([0, 50, 100, 150]);
    expect([0, 3, 12, 15].map((i) => Math.round((scaled[i] as number) / 50))).toEqual([0, 1, 2, 3]);
  });

  it('puts transparency on white', async () => {
    const folder = await folderOf({
      'a.png': picture(3, 1, (_, column) => [100, 100, 100, column * 127.5])
        .png()
        .toBuffer(),
      'b.webp': picture(3, 1, () => [0, 0, 0, 0])
        .webp(lossless)
        .toBuffer(),
    });

    const { images } = await read(folder);

    expect(Array.from(images)).toEqual([255, 177, 100, 255, 255, 255]);
  });

  it('turns pictures upright, as their EXIF says', async () => {
    const sideways = picture(3, 2, (row, column) => [40 * row + 10 * column]);
    const folder = await folderOf({
      'a.png': sideways.clone().withMetadata({ orientation: 6 }).png().toBuffer(),
    });

    const { images, shape } = await read(folder);

    expect(shape).toEqual([3, 2, 1]);
    expect(Array.from(images)).toEqual([40, 0, 50, 10, 60, 20]);
  });

  it('converts CMYK to sRGB', async () => {
    const colour = [200, 100, 50];
    const folder = await folderOf({
      'a.jpg': plain(colour, 8).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    });

    const { images, shape } = await read(folder);

    expect(shape).toEqual([8, 8, 3]);
    colour.forEach((value, i) => {
      expect(Math.abs((images[i] as number) - value)).toBeLessThan(40); // inks cannot make all colours
    });
  });

  it('takes pictures of 16 bits in colour', async () => {
    const pixel = [257 * 10, 257 * 20, 257 * 30, 65535] as const;
    const file = pngFile(1, 1, () => pixel, { colorType: 2, bitDepth: 16 });

    const { images } = await read(await folderOf({ 'a.png': file }));

    expect(Array.from(images)).toEqual([10, 20, 30]);
  });

  it('follows links to files, and not to folders', async () => {
    const target = await folderOf({ 'real.png': flat(7) });
    const folder = await folders.folder();
    await symlink(join(target, 'real.png'), join(folder, 'a.png'));
    await symlink(target, join(folder, 'linked'));

    expect((await listPictures(folder)).others).toEqual(['linked']);
    expect(Array.from((await read(folder)).images)).toEqual([7]);
  });
});

describe('a folder that cannot be read', () => {
  it.each([
    ['is empty', {}],
    ['has no pictures among its 2 files', { 'a.txt': Buffer.alloc(1), 'b/c': Buffer.alloc(1) }],
  ])('%s', async (problem, files) => {
    const reading = read(await folderOf(files));

    await expect(reading).rejects.toBeInstanceOf(InvalidDataError);
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toMatchObject({ hint: expect.any(String) });
  });

  it('has a picture of another size: both are named', async () => {
    const folder = await folderOf({
      'a.png': pngFile(3, 2, () => grey(1)),
      'b.png': pngFile(3, 2, () => grey(1)),
      'c.png': pngFile(4, 2, () => grey(1)),
    });

    const reading = read(folder, { skipBad: true });

    await expect(reading).rejects.toThrow('c.png: it has 2 x 4 pixels, but a.png has 2 x 3');
    await expect(reading).rejects.toMatchObject({ hint: expect.stringContaining('--size') });
  });

  it('has a picture of another kind among hundreds: it is named, and can be left out', async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${i}.png`, flat(1)]));
    const folder = await folderOf({ ...many, 'x.gif': plain([1]).gif().toBuffer() });

    const reading = read(folder);

    await expect(reading).rejects.toThrow(/^x\.gif: it is not a PNG, JPEG or WebP file$/);
    await expect(reading).rejects.toMatchObject({ hint: expect.stringContaining('--skip-bad') });
    expect(await read(folder, { skipBad: true })).toMatchObject({ examples: 300 });
  });

  it('has an animated WebP', async () => {
    const folder = await folderOf({ 'a.webp': animatedWebp([255, 0, 0], [0, 255, 0]) });

    await expect(read(folder)).rejects.toThrow('a.webp: it is animated, of 2 pictures');
  });

  it('has only bad pictures, of which ten are named: none are left with --skip-bad', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `${i + 10}.png`);
    const folder = await folderOf(
      Object.fromEntries(names.map((name) => [name, Buffer.from(name)])),
    );

    const reading = read(folder, { skipBad: true });

    await expect(reading).rejects.toThrow(/^12 of 12 pictures cannot be read: 10\.png: it is not/);
    await expect(reading).rejects.toThrow(/; 19\.png: [^;]* and 2 more$/);
  });
});

describe('bad pictures that are left out', () => {
  it('are told, and where the others were', async () => {
    const folder = await folderOf({
      '0.png': Buffer.from('bad'),
      '1.png': flat(1),
      '2.jpg': Buffer.from('worse'),
      '3.png': flat(3),
      '4.jpg': (await plain([4], 64).jpeg().toBuffer()).subarray(0, -20),
    });

    const { images, examples, places, skipped } = await read(folder, { skipBad: true });

    expect({ examples, places }).toEqual({ examples: 2, places: [1, 3] });
    expect(Array.from(images)).toEqual([1, 3]);
    const told = skipped.map(({ problem }) => problem.message);
    expect(told).toEqual([
      expect.stringMatching(/^0\.png: /),
      expect.stringMatching(/^2\.jpg: /),
      expect.stringMatching(/^4\.jpg: it cannot be decoded/),
    ]);
  });
});
