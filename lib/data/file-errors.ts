import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { LambduelError, messageOf, UsageError } from '../errors.ts';

const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** An error with a code of the operating system. */
function isFileSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** What is at a path that a person gave. @throws UsageError with this hint when nothing is there */
export async function statOf(path: string, hint: string): Promise<Stats> {
  return guardReads(path, () => stat(path)).catch((error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isFileSystemError(cause) || !MISSING.has(cause.code)) throw error;
    throw new UsageError(`There is no file or folder ${path}`, { cause, hint });
  });
}

/** Turn the file system's errors into sentences. @throws LambduelError */
export async function guardReads<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isFileSystemError(cause)) throw cause;
    throw new LambduelError(`${path} cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: 'Check that it is whole, and its permissions.',
    });
  }
}
