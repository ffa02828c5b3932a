import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
let store: string;
let out: string;

beforeAll(async () => {
  [store, out] = [await folder(), await folder()];
  const program = ['--preset', 'dcgan', '--conditional', '--features', '4', '--batch', '64'];
  const { code, stderr } = await runToEnd([
    ...['train', ...program, '--iterations', '2', '--run-id', runId(), '--store', store],
  ]);
  expect(code, stderr).toBe(0);
});

const generate = (...options: string[]) =>
  runHere(['generate', runId(), '--count', '3', '--store', store, ...options]);

async function drawn(name: string, ...options: string[]): Promise<Buffer> {
  const path = join(out, name);
  const { code, stderr } = await generate('--out', path, ...options);
  expect(code, stderr).toBe(0);
  return readFile(path);
}

test('images of a label are others than those of another, and the same for the same seed', async () => {
  const seven = await drawn('7.npy', '--label', '7', '--seed', '3');

  expect(await drawn('again.npy', '--label', '7', '--seed', '3')).toEqual(seven);
  expect(await drawn('2.npy', '--label', '2', '--seed', '3')).not.toEqual(seven);
  expect(await drawn('seed.npy', '--label', '7', '--seed', '4')).not.toEqual(seven);
});

test('images without a label are of each class in turn', async () => {
  const inTurn = await drawn('turn.npy');
  const values = (file: Buffer, image: number) => {
    const start = file.length - (3 - image) * 784 * 4;
    return file.subarray(start, start + 784 * 4);
  };
  for (const label of [0, 1, 2]) {
    const own = await drawn(`${label}.npy`, '--label', `${label}`);
    expect(values(inTurn, label)).toEqual(values(own, label));
  }
});

test.each([
  ['12', /^error: --label 12: this generator knows 10 classes\nhint: Choose one of 0 to 9\.$/m],
  ['-1', /^error: --label: /m],
  ['cat', /^error: --label: /m],
])('label %s is refused before anything is written', async (label, message) => {
  const target = join(await folder(), 'x.png');
  const { code, stdout, stderr } = await generate('--label', label, '--out', target);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
  expect(await readdir(join(target, '..'))).toEqual([]);
});
