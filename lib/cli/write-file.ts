import { rename, rm, writeFile } from 'node:fs/promises';
import { LambduelError, messageOf } from '../errors.ts';

/** Write a file completely or not at all. @throws LambduelError when it cannot be written */
export async function writeWholeFile(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, bytes);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    throw new LambduelError(`${path} cannot be written: ${messageOf(cause)}`, {
      cause,
      hint: 'Choose another file with --out.',
    });
  }
}
