import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linkTree, moveFile, sha256, writeJson } from '../../bin/setup/files.mjs';
import { keptWheelIsGood, pinnedHash, wheelDirectory } from '../../bin/setup/wheel-file.mjs';
import { clonePaths, readJson } from '../../lib/installation/clone.mjs';
import { temporaryDirectory, write } from './harness.ts';

test('a JSON file is written whole and leaves no temporary file', () => {
  const directory = temporaryDirectory();
  writeJson(join(directory, 'a', 'marker.json'), { lockfile: 'x' });

  expect(readJson(join(directory, 'a', 'marker.json'))).toEqual({ lockfile: 'x' });
  expect(readdirSync(join(directory, 'a'))).toEqual(['marker.json']);
});

test('a JSON file that was cut short reads as missing', () => {
  const path = join(temporaryDirectory(), 'marker.json');
  write(path, '{"lockfile": "x');
  expect(readJson(path)).toBeNull();
});

test('a linked tree shares its content on the disk and replaces what was there', () => {
  const directory = temporaryDirectory();
  write(join(directory, 'from', 'deep', 'library'), 'good');
  write(join(directory, 'to', 'deep', 'library'), 'broken');

  linkTree(join(directory, 'from'), join(directory, 'to'));

  const [from, to] = ['from', 'to'].map((end) => statSync(join(directory, end, 'deep/library')));
  expect(readFileSync(join(directory, 'to', 'deep', 'library'), 'utf8')).toBe('good');
  expect(to?.ino).toBe(from?.ino);
});

test('a moved file arrives in a directory that did not exist', () => {
  const directory = temporaryDirectory();
  write(join(directory, 'wheel'), 'w');
  moveFile(join(directory, 'wheel'), join(directory, 'cache', 'wheel'));
  expect(readdirSync(directory)).toEqual(['cache']);
});

test('a kept wheel is used only when its hash is right, and deleted otherwise', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'some.whl');
  write(path, 'whole');
  expect(await keptWheelIsGood(path, sha256('whole'))).toBe(true);

  write(path, 'whol');
  expect(await keptWheelIsGood(path, sha256('whole'))).toBe(false);
  expect(readdirSync(directory)).toEqual([]);
  expect(await keptWheelIsGood(path, sha256('whole'))).toBe(false);
});

test('the hash of the wheel is the one that pip is given', () => {
  expect(pinnedHash()).toBe('54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26');
});

test('LAMBDUEL_CACHE moves the wheel, and off keeps it in the clone', () => {
  const paths = clonePaths('/clone');
  const at = (env: NodeJS.ProcessEnv) => wheelDirectory(paths, env);

  expect(at({ LAMBDUEL_CACHE: '/big/disk' })).toBe('/big/disk');
  expect(at({ LAMBDUEL_CACHE: 'off' })).toBe(join('/clone', '.cache', 'wheel'));
  expect(at({ XDG_CACHE_HOME: '/xdg' })).toBe(join('/xdg', 'lambduel'));
  expect(at({})).toMatch(/\.cache[\\/]lambduel$/);
});
