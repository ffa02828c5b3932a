import type * as FileSystem from 'node:fs/promises';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { DiskStore } from '../../lib/store/disk.ts';
import { StoreUnavailableError } from '../../lib/store/store.ts';
import { testFolders } from '../support/folders.ts';
import { bytesOf, textOf } from './contract.ts';

/** The error that writing a file ends in, after half of it was written. */
const failure = vi.hoisted(() => ({ code: undefined as string | undefined }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const open: typeof original.open = async (...args) => {
    const file = await original.open(...args);
    const { code } = failure;
    if (code === undefined || args[1] !== 'wx') return file;
    file.writeFile = async (data) => {
      const bytes = data as Uint8Array;
      await file.write(bytes.subarray(0, bytes.length / 2));
      throw Object.assign(new Error(`${code}: write`), { code });
    };
    return file;
  };
  return { ...original, open };
});

const newFolder = testFolders();
afterEach(() => {
  failure.code = undefined;
});

it.each([
  { code: 'ENOSPC', hint: /disk is full: make room, then .*resume/ },
  { code: 'EDQUOT', hint: /quota is used up: make room, then .*resume/ },
  { code: 'EACCES', hint: /--store, or change its permissions/ },
  { code: 'EROFS', hint: /read-only file system/ },
  { code: 'EIO', hint: /another folder with --store/ },
])(
  'leaves no part of an object when writing ends in $code, and says what to do',
  async ({ code, hint }) => {
    // Prepare
    const folder = await newFolder();
    const store = await DiskStore.open(folder);
    const etag = await store.create('old', bytesOf('as it was'));
    failure.code = code;
    // Act
    const big = new Uint8Array(100_000);
    const results = await Promise.allSettled([
      store.create('new', big),
      store.put('put', big),
      store.put('old', big),
      store.replace('old', big, etag),
    ]);
    // Assess
    for (const result of results) {
      const error: unknown = result.status === 'rejected' ? result.reason : undefined;
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect((error as StoreUnavailableError).hint).toMatch(hint);
      expect((error as StoreUnavailableError).cause).toMatchObject({ code });
    }
    expect(await store.list('')).toEqual([{ key: 'old', size: 9 }]);
    expect(textOf((await store.get('old')).bytes)).toBe('as it was');
    expect(await readdir(join(folder, '.tmp'))).toEqual([]);
  },
);

it('goes on with the same ETag when there is room again', async () => {
  const store = await DiskStore.open(await newFolder());
  const etag = await store.create('head', bytesOf('1'));
  failure.code = 'ENOSPC';
  await expect(store.replace('head', bytesOf('2'), etag)).rejects.toThrow(StoreUnavailableError);
  failure.code = undefined;
  await store.replace('head', bytesOf('2'), etag);
  expect(textOf((await store.get('head')).bytes)).toBe('2');
});
