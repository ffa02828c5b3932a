import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DiskStore } from '../../lib/store/disk.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const TRANSIENT = { transient: true };
const bytes = (fill: number, length = 1000) => new Uint8Array(length).fill(fill);

it('writes a transient object over the file of one that was removed, with its own bytes', async () => {
  const folder = await newFolder();
  const store = await DiskStore.open(folder);
  await store.create('a', bytes(1), TRANSIENT);
  await store.remove(['a'], TRANSIENT);
  expect(await readdir(join(folder, '.spare'))).toHaveLength(1);

  await store.create('b/c', bytes(2), TRANSIENT);
  await store.create('d', bytes(3), TRANSIENT);

  expect(await readdir(join(folder, '.spare'))).toEqual([]);
  expect((await store.get('b/c')).bytes).toEqual(bytes(2));
  expect((await store.get('d')).bytes).toEqual(bytes(3));
  expect((await store.list('')).map(({ key }) => key)).toEqual(['b/c', 'd']);
});

it('reads into memory of the right length, and into fresh memory otherwise', async () => {
  const store = await DiskStore.open(await newFolder());
  await store.create('a', bytes(7));
  const [fitting, other] = [bytes(0), bytes(0, 999)];
  expect((await store.get('a', fitting)).bytes).toBe(fitting);
  expect(fitting).toEqual(bytes(7));
  expect((await store.get('a', other)).bytes).toEqual(bytes(7));
  expect(other).toEqual(bytes(0, 999));
});

it('lets several processes of a store tidy up while another one still removes objects', async () => {
  const folder = await newFolder();
  const [one, other] = [await DiskStore.open(folder), await DiskStore.open(folder)];
  const tidying = Array.from({ length: 50 }, async (_, i) => {
    await one.create(`x${i}`, bytes(i), TRANSIENT);
    await one.remove([`x${i}`], TRANSIENT);
    await other.tidy();
  });
  await Promise.all(tidying);
  await one.tidy();
  expect(await readdir(join(folder, '.spare'))).toEqual([]);
  expect(await one.list('')).toEqual([]);
});
