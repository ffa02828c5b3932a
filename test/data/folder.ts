import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { DiskStore } from '../../lib/store/disk.ts';

/** Folders and stores for one test file's tests, gone when they are done. */
export interface TestFolders {
  /** A new, empty folder. */
  folder(): Promise<string>;
  /** A new, empty store. */
  store(): Promise<DiskStore>;
}

/** To be called once at the top of a test file. */
export function testFolders(): TestFolders {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lambduel-data-'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const folder = (): Promise<string> => mkdtemp(join(root, 'f-'));
  return { folder, store: async () => DiskStore.open(await folder()) };
}
