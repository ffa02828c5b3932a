import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { findDataset, listDatasets } from '../../lib/data/list.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { idxFile } from '../../support/idx-file.ts';
import { animatedWebp, plain } from '../../support/pictures.ts';
import { chunk, END, header, pixels, pngFile, pngOf } from '../../support/png-file.ts';
import { testFolders } from '../support/folders.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const RED = [255, 0, 0];
const BLUE = [0, 0, 255];

let store: string;
beforeEach(async () => {
  store = await folder();
});

const lambduel = (...args: string[]) => runHere([...args, '--store', store]);

async function folderOf(files: Readonly<Record<string, Uint8Array | Promise<Buffer>>>) {
  const path = await folder();
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), await bytes);
  }
  return path;
}

async function only() {
  const metas = await listDatasets(await DiskStore.open(store));
  expect(metas).toHaveLength(1);
  return metas[0];
}

/** A dataset of red cats and blue dogs. */
const animals = () =>
  folderOf({
    'dogs/a.png': plain(BLUE, 12, 8).png().toBuffer(),
    'cats/b.jpg': plain(RED, 8, 12).jpeg({ quality: 100 }).toBuffer(),
    'dogs/young/c.webp': plain(BLUE, 9).webp({ lossless: true }).toBuffer(),
    'cats/notes.txt': Buffer.from('purr'),
  });

test('data import makes labelled images in colour of a folder of pictures', async () => {
  const options = ['--size', '4', '--mirror', '--labels', 'folders'];
  const { code, stderr } = await lambduel(
    'data',
    'import',
    await animals(),
    '--name',
    'pets',
    ...options,
  );

  expect(stderr).toContain(
    'Dataset pets: 3 images of 4x4x3 pixels, 2 classes, mirrored at random while training\n',
  );
  expect(stderr).toContain('Ignored 1 other file: cats/notes.txt\n');
  expect(code).toBe(0);
  expect(await only()).toMatchObject({
    ...{ name: 'pets', examples: 3, shape: [4, 4, 3], mirror: true },
    labels: { classes: ['cats', 'dogs'] },
  });
});

test.each([
  [
    ['--size', '32'],
    'Train on it with: npx lambduel train --preset dcgan --size 32 --dataset pets',
  ],
  [['--size', '28', '--grey'], 'Train on it with: npx lambduel train --dataset pets'],
  [
    ['--size', '48'],
    'The built-in programs train on squares of 28, 32, 64 pixels: import pictures with one of these',
  ],
])('data import with %j says how to train on it', async (options, said) => {
  const args = ['data', 'import', await animals(), '--name', 'pets', ...options];
  expect((await lambduel(...args)).stderr).toContain(said);
});

test('data list tells shapes with channels, classes and what is mirrored', async () => {
  const options = ['--size', '4', '--mirror', '--labels', 'folders'];
  await lambduel('data', 'import', await animals(), '--name', 'pets', ...options);

  const { stdout } = await lambduel('data', 'list');

  expect(stdout).toMatch(/name.*images.*shape.*classes.*mirror.*sha256.*source/);
  expect(stdout).toMatch(/pets\W+3\W+4x4x3\W+2\W+yes\W/);
  expect(stdout).toMatch(/digits\W+10000\W+28x28\W+10\W/);
});

describe('data show', () => {
  test('draws examples by class, in colour, and tells the classes', async () => {
    const options = ['--size', '4', '--labels', 'folders'];
    await lambduel('data', 'import', await animals(), '--name', 'pets', ...options);
    const out = join(store, 'grid.png');

    const { code, stdout, stderr } = await lambduel('data', 'show', 'pets', '--out', out);

    expect([code, stdout]).toEqual([0, 'row 1: cats dogs\nrow 2: dogs\n']);
    expect(stderr).toBe(`${out}: 3 of the 3 images of pets\n`);
    const grid = PNG.sync.read(await readFile(out));
    const at = (x: number, y: number) =>
      Array.from(grid.data.subarray(4 * (y * grid.width + x)).subarray(0, 3));
    expect([grid.width, grid.height]).toEqual([11, 11]);
    expect(at(2, 2)[0]).toBeGreaterThan(250); // red, but for JPEG's losses
    expect([at(7, 2), at(2, 7)]).toEqual([BLUE, BLUE]);
  });

  test('spaces 64 examples evenly', async () => {
    const images = Uint8Array.from({ length: 128 }, (_, i) => i);
    const path = join(await folder(), 'images');
    await writeFile(path, idxFile({ sizes: [128, 1, 1], data: images }));
    await lambduel('data', 'import', path, '--name', 'ramp');
    const out = join(store, 'grid.png');

    const { stdout } = await lambduel('data', 'show', 'ramp', '--out', out);

    const grid = PNG.sync.read(await readFile(out));
    const pixels = Array.from({ length: 64 }, (_, i) => {
      const [x, y] = [1 + 2 * (i % 8), 1 + 2 * Math.floor(i / 8)];
      return grid.data[4 * (y * grid.width + x)];
    });
    expect(pixels).toEqual(Array.from({ length: 64 }, (_, i) => 2 * i));
    expect(stdout).toBe('');
  });

  test('orders examples by class, and those of a class as they come', async () => {
    const [path, labels] = [join(await folder(), 'images'), join(await folder(), 'labels')];
    await writeFile(path, idxFile({ sizes: [4, 1, 1], data: Uint8Array.of(10, 20, 30, 40) }));
    await writeFile(labels, idxFile({ sizes: [4], data: Uint8Array.of(2, 0, 2, 1) }));
    await lambduel('data', 'import', path, '--name', 'moons', '--labels', labels);
    const out = join(store, 'grid.png');

    const { stdout } = await lambduel('data', 'show', 'moons', '--out', out);

    const grid = PNG.sync.read(await readFile(out));
    const pixels = [6, 8, 16, 18].map((place) => grid.data[4 * place]); // of 5 x 5
    expect([pixels, stdout]).toEqual([[20, 40, 10, 30], 'row 1: 0 1\nrow 2: 2 2\n']);
  });

  test('says that there is no such dataset', async () => {
    const { code, stderr } = await lambduel('data', 'show', 'moons', '--out', join(store, 'x.png'));

    expect(code).toBe(1);
    expect(stderr).toContain('There is no dataset moons; there is: digits');
  });
});

test('data import takes labels of an IDX file, without those of pictures that it leaves out', async () => {
  const labels = join(await folder(), 'labels-idx1-ubyte');
  await writeFile(labels, idxFile({ sizes: [3], data: Uint8Array.of(2, 7, 1) }));
  const pictures = await folderOf({
    'a.png': plain([1]).png().toBuffer(),
    'b.png': Buffer.from('no picture'),
    'c.png': plain([3]).png().toBuffer(),
  });
  const args = ['data', 'import', pictures, '--name', 'moons', '--labels', labels];
  expect((await lambduel(...args)).stderr).toMatch(
    /b\.png: it is not .*\n.*--skip-bad leaves it out/,
  );

  const { stderr } = await lambduel(...args, '--skip-bad');

  expect(stderr).toMatch(/Left out 1 bad picture: b\.png: it is not a PNG/);
  const opened = await DiskStore.open(store);
  const { sha256 } = await findDataset(opened, 'moons');
  const { bytes } = await opened.get(`datasets/moons/${sha256}/labels.u8`);
  expect(Array.from(bytes)).toEqual([2, 1]);
});

test('data import takes pictures of 16 bits and of CMYK', async () => {
  const pictures = await folderOf({
    'a.png': pngFile(4, 4, () => [65535, 0, 0, 65535], { colorType: 2, bitDepth: 16 }),
    'b.jpg': plain(RED, 4).toColourspace('cmyk').jpeg().toBuffer(),
  });

  const { code, stderr } = await lambduel('data', 'import', pictures, '--name', 'deep');

  expect([code, stderr]).toEqual([0, expect.stringContaining('2 images of 4x4x3 pixels')]);
});

describe('data import refuses, in a sentence and with a hint,', () => {
  const LABELS = idxFile({ sizes: [2], data: Uint8Array.of(0, 1) });

  test.each<[string, string[], 1 | 2, RegExp]>([
    ['a size of 0', ['--size', '0'], 2, /--size 0: it must be a whole number from 1 to 4096/],
    ['half a size', ['--size', '1.5'], 2, /--size 1\.5: it must be a whole number/],
    ['another word', ['--size', 'big'], 2, /--size big: it must be a whole number/],
    ['a size beyond all', ['--size', '1e9'], 2, /--size 1e9: it must be a whole number/],
    ['unknown labels', ['--labels', 'names'], 2, /no file or folder names.*\n.*--labels folders/],
    ['a folder as labels', ['--labels', '.'], 2, /\. is not a file of labels/],
    ['labels for other images', ['--labels', 'LABELS'], 1, /labels: it has 2 labels for 3 images/],
    [
      'pictures of several sizes',
      [],
      1,
      /dogs\/a\.png: it has 8 x 12 pixels, but cats\/b\.jpg has/,
    ],
  ])('%s', async (_, options, code, problem) => {
    const labels = join(await folder(), 'labels');
    await writeFile(labels, LABELS);
    const given = options.map((option) => (option === 'LABELS' ? labels : option));

    const outcome = await lambduel('data', 'import', await animals(), '--name', 'pets', ...given);

    expect(outcome.stderr).toMatch(problem);
    expect(outcome.stderr).not.toContain('    at ');
    expect([outcome.code, outcome.stdout]).toEqual([code, '']);
    expect(await (await DiskStore.open(store)).list('')).toEqual([]);
  });

  test.each<[string, () => Promise<Uint8Array | Buffer>, string, RegExp]>([
    [
      'a picture of another kind',
      () => plain([1]).gif().toBuffer(),
      'x.gif',
      /x\.gif: it is not a/,
    ],
    [
      'an animated WebP',
      () => animatedWebp([255, 0, 0], [0, 255, 0]),
      'x.webp',
      /x\.webp: it is animated, of 2 pictures\nhint: Save the picture that you want/,
    ],
    [
      '200 megapixels, before they are decoded',
      async () => pngOf(chunk('IHDR', header(20_000, 10_000)), pixels(Uint8Array.of(0)), END),
      'x.png',
      /x\.png: it has 10000 x 20000 pixels\nhint: Pictures have at most 100 million pixels/,
    ],
  ])('a folder with %s among others', async (_, bad, name, problem) => {
    const others = Array.from({ length: 50 }, (_, i) => [`${i}.png`, plain([i]).png().toBuffer()]);
    const pictures = await folderOf({ ...Object.fromEntries(others), [name]: await bad() });

    const outcome = await lambduel('data', 'import', pictures, '--name', 'pets', '--size', '4');

    expect(outcome.stderr).toMatch(problem);
    expect(outcome.stderr).not.toContain('    at ');
    expect([outcome.code, outcome.stdout]).toEqual([1, '']);
    expect(await (await DiskStore.open(store)).list('')).toEqual([]);
  });

  test('a folder without pictures', async () => {
    const empty = await folderOf({ 'notes.txt': Buffer.from('none') });

    const { code, stderr } = await lambduel('data', 'import', empty, '--name', 'pets');

    expect(stderr).toMatch(/has no pictures.*\nhint: /);
    expect(code).toBe(1);
    expect(await (await DiskStore.open(store)).list('')).toEqual([]);
  });

  test('pictures in no subfolder, before it reads them', async () => {
    const pictures = await folderOf({ 'a/1.png': Buffer.from('bad'), '2.png': Buffer.from('bad') });

    const args = ['data', 'import', pictures, '--name', 'pets', '--labels', 'folders'];
    const { code, stderr } = await lambduel(...args);

    expect([code, stderr]).toEqual([1, expect.stringContaining('2.png: it is in no subfolder')]);
  });

  test.each([['--size', '4'], ['--grey'], ['--skip-bad'], ['--labels', 'folders']])(
    'an IDX file with %s %s',
    async (...options) => {
      const path = join(await folder(), 'images');
      await writeFile(path, idxFile({ sizes: [1, 1, 1], data: Uint8Array.of(1) }));

      const { code, stderr } = await lambduel('data', 'import', path, '--name', 'x', ...options);

      expect([code, stderr]).toEqual([2, expect.stringContaining('are for folders')]);
    },
  );
});
