import { z } from 'zod';
import { InvalidDataError, messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';

/**
 * The lines of an object of JSON lines.
 *
 * @param what a line is, for errors
 * @throws InvalidDataError that names the object and the line
 */
export async function readLines<T>(
  store: Store,
  key: string,
  parse: (line: string) => T,
  what: string,
): Promise<T[]> {
  const { bytes } = await store.get(key);
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, i) => {
    try {
      return parse(line);
    } catch (cause) {
      const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
      throw new InvalidDataError(`${key}, line ${i + 1}, is not ${what}: ${why}`, { cause });
    }
  });
}
