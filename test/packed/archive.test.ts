import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nativeArchive } from '../../cdk/native/archive.ts';
import { PIECE_BYTES, unpackedBytes } from '../../lib/packed/manifest.ts';
import { unpackLibrary } from '../../lib/packed/unpack.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();

/** A library of two files, one of which is longer than a piece. */
async function smallLibrary(change = '') {
  const folder = await newFolder();
  const long = Buffer.alloc(PIECE_BYTES + 1000, 'long ');
  writeFileSync(join(folder, 'a'), long);
  writeFileSync(join(folder, 'b'), `short${change}`);
  return [
    { source: join(folder, 'a'), path: 'deps/lib/a.so.2' },
    { source: join(folder, 'b'), path: 'lib/b.node' },
  ];
}

const contentOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);

it('unpacks to what was packed', async () => {
  const files = await smallLibrary();
  const { folder, manifest } = await nativeArchive(await newFolder(), files);
  const { folder: unpacked } = await unpackLibrary(folder, await newFolder());

  expect(manifest.files.map(({ pieces }) => pieces.length)).toEqual([2, 1]);
  for (const { source, path } of files) {
    expect(readFileSync(join(unpacked, path)).equals(readFileSync(source))).toBe(true);
  }
  const sizes = files.map(({ source }) => statSync(source).size);
  expect(unpackedBytes(manifest)).toBe(sizes.reduce((sum, size) => sum + size, 0));
});

it('is the same for the same files, wherever and whenever it is made', async () => {
  const [one, other] = [
    await nativeArchive(await newFolder(), await smallLibrary()),
    await nativeArchive(await newFolder(), await smallLibrary()),
  ];
  expect(contentOf(one.folder)).toEqual(contentOf(other.folder));
});

it('is made once, and again when a file changes or the archive is not whole', async () => {
  const cache = await newFolder();
  const files = await smallLibrary();
  const first = await nativeArchive(cache, files);
  const madeAt = () => statSync(join(first.folder, 'manifest.json')).mtimeMs;
  const before = madeAt();

  const second = await nativeArchive(cache, files);
  expect([second.folder, madeAt()]).toEqual([first.folder, before]);

  rmSync(join(first.folder, '0001.br'));
  await nativeArchive(cache, files);
  expect(readdirSync(first.folder)).toContain('0001.br');

  const other = await nativeArchive(cache, await smallLibrary('er'));
  expect(other.folder).not.toBe(first.folder);
  expect(readdirSync(cache)).toEqual([other.folder.slice(cache.length + 1)]);
});

it('is made anew where making it was cut short', async () => {
  const cache = await newFolder();
  mkdirSync(join(cache, 'draft'));
  writeFileSync(join(cache, 'draft', '0000.br'), 'half');

  const { folder } = await nativeArchive(cache, await smallLibrary());

  expect(readdirSync(folder).sort()).toEqual(['0000.br', '0001.br', '0002.br', 'manifest.json']);
});
