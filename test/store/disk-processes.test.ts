import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiskStore } from '../../lib/store/disk.ts';
import { testFolders } from '../support/folders.ts';
import { ended, kill, nextMessage, testProcesses } from '../support/processes.ts';
import { bytesOf, textOf } from './contract.ts';
import { isPatterned, patterned } from './pattern.ts';

const newFolder = testFolders();
const start = testProcesses();
const COUNTER = new URL('./counter-process.ts', import.meta.url);
const WRITER = new URL('./writer-process.ts', import.meta.url);

it('loses none of the 100 changes that each of two processes makes to one object', async () => {
  // Prepare
  const folder = await newFolder();
  const store = await DiskStore.open(folder);
  await store.create('counter', bytesOf('0'));
  // Act
  const processes = [
    start(COUNTER, folder, 'counter', '100'),
    start(COUNTER, folder, 'counter', '100'),
  ];
  expect(await Promise.all(processes.map(ended))).toEqual([0, 0]);
  // Assess
  expect(textOf((await store.get('counter')).bytes)).toBe('200');
});

it('shows whole objects only, and can go on, after each of four kills in the middle of writes', async () => {
  const folder = await newFolder();
  const store = await DiskStore.open(folder);
  await store.create('head', patterned(0));
  for (let life = 0, from = 1; life < 4; life++) {
    // Prepare: a process that is writing
    const writer = start(WRITER, folder, String(from));
    for (let round = 0; round < 3 + life; round++) await nextMessage(writer);
    // Act
    await kill(writer);
    // Assess
    const again = await DiskStore.open(folder);
    expect(await readdir(join(folder, '.tmp'))).toEqual([]);
    const keys = (await again.list('')).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['head', 'put', 'new/1']));
    for (const key of keys) expect(isPatterned((await again.get(key)).bytes), key).toBe(true);
    const { etag } = await again.get('head');
    await again.replace('head', patterned(life), etag);
    expect((await readdir(join(folder, '.locks'))).filter(isDraft)).toEqual([]);
    from = 1 + Math.max(...keys.map((key) => Number(/^new\/(\d+)$/.exec(key)?.[1] ?? 0)));
  }
});

describe('what a killed process left', () => {
  it('is cleared when the store is opened; what a living one is writing stays', async () => {
    // Prepare
    const folder = await newFolder();
    await DiskStore.open(folder);
    const dead = start(COUNTER, folder, 'none', '0');
    await ended(dead);
    const left = [`.tmp/${dead.pid}-00ff`, `.locks/0a1b.${dead.pid}-00ff`];
    const living = [`.tmp/${process.pid}-00ff`, `.locks/0a1b.${process.pid}-00ff`];
    for (const path of [...left, ...living]) await writeFile(join(folder, path), 'draft');
    // Act
    await DiskStore.open(folder);
    // Assess
    expect(await readdir(join(folder, '.tmp'))).toEqual([`${process.pid}-00ff`]);
    expect(await readdir(join(folder, '.locks'))).toEqual([`0a1b.${process.pid}-00ff`]);
  });
});

it('judges age by the file, as old as it may be', async () => {
  const folder = await newFolder();
  const store = await DiskStore.open(folder);
  await store.put('old', bytesOf('x'));
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(join(folder, 'old'), hourAgo, hourAgo);
  const { ageMs } = await store.get('old');
  expect(ageMs).toBeGreaterThanOrEqual(3_600_000);
  expect(ageMs).toBeLessThan(3_660_000);
});

function isDraft(name: string): boolean {
  return /\.\d+-/.test(name);
}
