import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskStore } from '../lib/store/disk.ts';

/** A store in a folder of its own, and what removes it. */
export async function openTemporaryStore(): Promise<{
  store: DiskStore;
  remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-bench-'));
  const store = await DiskStore.open(folder);
  return { store, remove: () => rm(folder, { recursive: true, force: true }) };
}
