import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { DiskStore } from '../../lib/store/disk.ts';
import { runHere } from '../cli/here.ts';
import { testFolders } from '../support/folders.ts';
import { smallDcgan, storeFinishedRun } from './trained.ts';

const folder = testFolders();
let [root, out, id] = ['', '', ''];

beforeAll(async () => {
  [root, out] = [await folder(), await folder()];
  const program = smallDcgan({ conditional: true });
  ({ id } = await storeFinishedRun(await DiskStore.open(root), program));
});

const draw = (...options: string[]) => runHere(['generate', id, '--store', root, ...options]);

async function drawn(name: string, ...options: string[]): Promise<Buffer> {
  const { code, stderr } = await draw('--out', join(out, name), ...options);
  expect(code, stderr).toBe(0);
  return readFile(join(out, name));
}

/** A grid's or strip's image: those of a strip are in one row. */
function cut({ data, width }: PNG, column: number, row: number): number[] {
  return Array.from({ length: 28 * 28 }, (_, i) => {
    const [x, y] = [1 + column * 29 + (i % 28), 1 + row * 29 + Math.floor(i / 28)];
    return data[4 * (y * width + x)] as number;
  });
}

test('a strip goes from each image to the next, in one row, of one class', async () => {
  const options = ['--count', '3', '--seed', '4', '--label', '2'];
  const strip = PNG.sync.read(await drawn('strip.png', ...options, '--interpolate', '4'));
  const grid = PNG.sync.read(await drawn('grid.png', ...options));
  expect([strip.width, strip.height]).toEqual([1 + 9 * 29, 30]);
  const places = [
    [0, 0],
    [1, 0],
    [0, 1],
  ] as const;
  places.forEach(([column, row], i) => {
    expect(cut(strip, 4 * i, 0)).toEqual(cut(grid, column, row));
  });
  expect(cut(strip, 2, 0)).not.toEqual(cut(strip, 0, 0));
  expect(cut(strip, 2, 0)).not.toEqual(cut(strip, 4, 0));
});

test('a .gif has the frames of the strip, and begins again for ever', async () => {
  const options = ['--count', '2', '--interpolate', '3'];
  const gif = await drawn('way.gif', ...options);
  const strip = PNG.sync.read(await drawn('way.png', ...options));
  sharp.unblock({ operation: ['VipsForeignLoadNsgifBuffer'] }); // the command reads no GIF
  const { pages, loop, pageHeight, width } = await sharp(gif, { animated: true }).metadata();
  expect({ pages, loop, pageHeight, width }).toEqual({
    pages: 4,
    loop: 0,
    pageHeight: 28,
    width: 28,
  });
  const raw = await sharp(gif, { animated: true }).removeAlpha().raw().toBuffer();
  const grey = Array.from({ length: raw.length / 3 }, (_, i) => raw[3 * i] as number);
  for (let frame = 0; frame < 4; frame++) {
    const found = grey.slice(frame * 784, (frame + 1) * 784);
    const differences = cut(strip, frame, 0).map((value, i) =>
      Math.abs(value - (found[i] as number)),
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(8); // a GIF has a palette
  }
});

test.each([
  [['--out', 'a.gif'], 'a .gif is of the way from image to image'],
  [['--out', 'a.png', '--interpolate', '500', '--count', '4'], 'takes at most 1000 images'],
  [['--out', 'a.gif', '--interpolate', '0'], '--interpolate'],
  [['--out', 'a.jpg', '--interpolate', '2'], 'must end in .png, .npy or .gif'],
])('%j is refused', async (options, message) => {
  const before = await readdir(out);
  const { code, stderr } = await draw(...options.map((each) => each.replace(/^a/, join(out, 'a'))));
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  expect(await readdir(out)).toEqual(before);
});
