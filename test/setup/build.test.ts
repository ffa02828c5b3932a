import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { builtMain } from '../../bin/build/commands.mjs';
import { type ClonePaths, clonePaths } from '../../lib/installation/clone.mjs';
import { temporaryDirectory, write } from './harness.ts';

const DAY_MS = 24 * 3600 * 1000;
const MAIN = `export const place = import.meta.url;
export const answer = (): number => 42;
export const lazy = () => import('./lazy.ts');
export { plainPlace } from '../plain.mjs';`;

let paths: ClonePaths;
beforeEach(() => {
  paths = clonePaths(temporaryDirectory());
  source('cli/main.ts', MAIN);
  source('cli/lazy.ts', 'export const late = true;');
  source('plain.mjs', 'export const plainPlace = import.meta.url;');
  source('local/worker-process.ts', 'export {};');
  source('local/program-check-process.ts', 'export {};');
});

it('runs as the sources do, which find their files in their own place', async () => {
  const main = await import(pathToFileURL((await builtMain(paths)) ?? '').href);
  expect(main.answer()).toBe(42);
  expect(await main.lazy()).toMatchObject({ late: true });
  expect(main.place).toBe(placeOf('cli/main.ts'));
  expect(main.plainPlace).toBe(placeOf('plain.mjs'));
});

it('is made once, and anew when a source has changed', async () => {
  const first = await builtMain(paths);
  expect(await builtMain(paths)).toBe(first);
  source('cli/lazy.ts', 'export const late = "later";');
  const second = await builtMain(paths);
  expect(second).not.toBe(first);
  expect(existsSync(first ?? '')).toBe(true); // a process may still need it
});

it('removes builds of an earlier day, and what was left half made', async () => {
  const old = ['0123456789abcdef', 'tmp-abc'].map((name) => join(paths.cache, 'build', name));
  for (const folder of old) {
    write(join(folder, 'main.mjs'), '');
    const then = new Date(Date.now() - 2 * DAY_MS);
    utimesSync(folder, then, then);
  }
  await builtMain(paths);
  expect(old.filter((folder) => existsSync(folder))).toEqual([]);
  expect(readdirSync(join(paths.cache, 'build'))).toHaveLength(1);
});

it('is the same for all that start at once', async () => {
  const mains = await Promise.all([builtMain(paths), builtMain(paths), builtMain(paths)]);
  expect(new Set(mains).size).toBe(1);
  expect(existsSync(mains[0] ?? '')).toBe(true);
  expect(readdirSync(join(paths.cache, 'build'))).toHaveLength(1);
});

it.each([
  ['the cache cannot be written', () => writeFileSync(paths.cache, 'a file')],
  ['a source cannot be read by it', () => source('cli/main.ts', 'export const = ;')],
])('is none where %s, and leaves nothing', async (_why, spoil) => {
  spoil();
  expect(await builtMain(paths)).toBeNull();
  const builds = join(paths.cache, 'build');
  expect(existsSync(builds) ? readdirSync(builds) : []).toEqual([]);
});

function placeOf(name: string): string {
  return pathToFileURL(join(paths.root, 'lib', ...name.split('/'))).href;
}

function source(name: string, text: string): void {
  write(join(paths.root, 'lib', ...name.split('/')), text);
}
