import { readFile } from 'node:fs/promises';
import { LambduelError, messageOf } from '../errors.ts';

/** The bytes of a file that a person names. @throws LambduelError */
export async function readGivenFile(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw new LambduelError(`${path} cannot be read: ${messageOf(cause)}`, { cause });
  });
}
