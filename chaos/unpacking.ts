import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnpackedFolder, unpackingProcess } from '../lib/packed/unpacked-folder.ts';
import { environmentOf } from './aws-processes.ts';
import { signal } from './processes.ts';

const POLL_MS = 5;

/**
 * Take the unpacked TensorFlow away and kill a worker, and then whoever unpacks it anew, in the middle
 * of that. Who has loaded it keeps it. Where nothing is unpacked, the worker alone is killed.
 *
 * @returns whether that could be done before all was over
 */
export async function killUnpacking(pid: number, isOver: () => boolean): Promise<boolean> {
  const folder = await temporaryFolderOf(pid);
  if (folder === undefined) return false;
  const unpacked = (await readdir(folder)).filter(isUnpackedFolder);
  for (const name of unpacked) await rm(join(folder, name), { recursive: true, force: true });
  if (!signal(pid, 'SIGKILL')) return false;
  if (unpacked.length === 0) return true;
  while (!isOver()) {
    const unpacking = (await readdir(folder)).flatMap((name) => unpackingProcess(name) ?? []);
    if (unpacking.some((unpacker) => signal(unpacker, 'SIGKILL'))) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** Where a function's process has its temporary files. @returns undefined: it has ended */
async function temporaryFolderOf(pid: number): Promise<string | undefined> {
  const variable = (await environmentOf(pid)).find((each) => each.startsWith('TMPDIR='));
  return variable?.slice('TMPDIR='.length);
}
