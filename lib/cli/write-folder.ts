import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LambduelError, messageOf, UsageError } from '../errors.ts';

/**
 * Throw unless a folder can be made, or is empty.
 *
 * @param option the option that names it, for messages
 */
export async function requireNewFolder(folder: string, option: string): Promise<void> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw unwritable(folder, option, cause);
  });
  requireNoNames(names, folder, option, 'files');
}

/**
 * Throw if a folder has something in it.
 *
 * @param what is to be written there, for the message
 */
export function requireNoNames(
  names: readonly string[],
  folder: string,
  option: string,
  what: string,
): void {
  if (names.length === 0) return;
  throw new UsageError(`${option} ${folder} is not empty: old and new ${what} would be mixed`, {
    hint: 'Choose a folder that is empty or not there yet.',
  });
}

/**
 * Write a folder of files completely or not at all: into a folder beside it, which is renamed.
 *
 * @param files by their paths in the folder
 * @throws LambduelError when it cannot be written
 */
export async function writeWholeFolder(
  folder: string,
  option: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const draft = `${resolve(folder)}.${process.pid}.tmp`;
  try {
    await mkdir(draft, { recursive: true });
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(draft, name)), { recursive: true });
      await writeFile(join(draft, name), bytes);
    }
    await rmdir(folder).catch(() => {}); // an empty one; what is not empty stays, and stops the rename
    await rename(draft, folder);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
    throw unwritable(folder, option, cause);
  }
}

function unwritable(folder: string, option: string, cause: unknown): LambduelError {
  return new LambduelError(`${folder} cannot be written: ${messageOf(cause)}`, {
    cause,
    hint: `Choose another folder with ${option}.`,
  });
}
