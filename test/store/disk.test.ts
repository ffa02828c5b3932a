import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiskStore } from '../../lib/store/disk.ts';
import { StoreUnavailableError } from '../../lib/store/store.ts';
import { testFolders } from '../support/folders.ts';
import { bytesOf, describeStore, textOf } from './contract.ts';

const newFolder = testFolders();

describeStore('DiskStore', async () => ({
  store: await DiskStore.open(await newFolder()),
  close: async () => {},
}));

describe('the folder', () => {
  it('holds a file an object, under its key', async () => {
    const folder = await newFolder();
    const store = await DiskStore.open(folder);
    await store.create('runs/x/head.json', bytesOf('{}'));
    expect(await filesOf(folder)).toEqual(['runs/x/head.json']);
  });

  it('is made with those above it, and opened again with what is in it', async () => {
    const folder = join(await newFolder(), 'not', 'yet');
    await (await DiskStore.open(folder)).put('a', bytesOf('kept'));
    const again = await DiskStore.open(folder);
    expect(textOf((await again.get('a')).bytes)).toBe('kept');
  });

  it('holds nothing but objects after every operation, those that failed too', async () => {
    // Prepare
    const folder = await newFolder();
    const store = await DiskStore.open(folder);
    const etag = await store.create('a', bytesOf('1'));
    // Act
    await store.create('a', bytesOf('2')).catch(() => {});
    await store.replace('a', bytesOf('3'), 'stale').catch(() => {});
    await store.replace('a', bytesOf('4'), etag);
    await store.put('b/c', bytesOf('5'));
    await store.put('b/c/below', bytesOf('6')).catch(() => {});
    await store.put('b', bytesOf('7')).catch(() => {});
    // Assess
    expect(await filesOf(folder)).toEqual(['a', 'b/c']);
    expect(await filesOf(join(folder, '.tmp'))).toEqual([]);
    expect(await filesOf(join(folder, '.locks'))).toEqual([]);
  });

  it('takes new objects while the last one beside them is removed', async () => {
    const store = await DiskStore.open(await newFolder());
    const comeAndGo = async (name: string, transient: boolean) => {
      for (let i = 0; i < 100; i++) {
        await store.create(`some/folder/${name}`, bytesOf('x'), { transient });
        await store.remove([`some/folder/${name}`]);
      }
    };
    await Promise.all([comeAndGo('a', true), comeAndGo('b', true), comeAndGo('c', false)]);
    expect(await store.list('')).toEqual([]);
  });

  it('is never left, whatever the key: nothing appears beside it', async () => {
    const outside = await newFolder();
    const store = await DiskStore.open(join(outside, 'root', 'store'));
    const part = fc.constantFrom('..', '.', '', 'a', '/', '\\', '\0', outside, '%2e%2e');
    const key = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(key, async (wild) => {
        await store.put(wild, bytesOf('x')).catch(() => {});
        await store.create(wild, bytesOf('x')).catch(() => {});
        expect(await readdir(outside)).toEqual(['root']);
        expect(await readdir(join(outside, 'root'))).toEqual(['store']);
      }),
    );
  });
});

describe('a folder that cannot be used', () => {
  it.each(['opened', 'written'])(
    'cannot be %s: the error says what, why and what to do',
    async (verb) => {
      // Prepare: a file where a folder has to be
      const folder = await newFolder();
      await writeFile(join(folder, 'file'), 'in the way');
      // Act
      const act =
        verb === 'opened'
          ? DiskStore.open(join(folder, 'file', 'store'))
          : DiskStore.open(folder).then((store) => store.put('file/object', bytesOf('x')));
      // Assess
      const error: unknown = await act.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnavailableError);
      const { message, hint, cause } = error as StoreUnavailableError;
      expect(message).toContain(folder);
      expect(message).toContain(`cannot be ${verb}`);
      expect(hint).toContain('--store');
      expect(cause).toMatchObject({ code: expect.stringMatching(/^(ENOTDIR|EEXIST)$/) });
    },
  );
});

/** The files below a folder, but for what the store keeps for itself. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('.'))
    .sort();
}
