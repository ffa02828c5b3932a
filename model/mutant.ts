import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A change of a source file: what is written there exactly once, and what instead. */
export type Change = readonly [written: string, instead: string];

/**
 * A module of the project, broken on purpose: its source with some changes, and everything else that
 * it imports as it is. For `vi.mock`, which puts it in the place of the real one.
 *
 * @param file from the project's root, as `lib/run/record/keys.ts`
 * @throws when the source has changed so that a change does not fit any more
 */
export async function mutant(file: string, changes: readonly Change[]): Promise<object> {
  const path = join(ROOT, file);
  let source = await readFile(path, 'utf8');
  for (const [written, instead] of changes) {
    const parts = source.split(written);
    if (parts.length !== 2) {
      throw new Error(`${file} has ${parts.length - 1} places with ${written}, not one`);
    }
    source = parts.join(instead);
  }
  const absolute = source.replace(
    /from '(\.{1,2}\/[^']+)'/g,
    (_, target: string) => `from '${resolve(dirname(path), target)}'`,
  );
  // Tests that break the same file may run at once.
  const name = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 8);
  const copy = join(ROOT, '.cache/mutants', name, file);
  await mkdir(dirname(copy), { recursive: true });
  await writeFile(copy, absolute);
  return import(/* @vite-ignore */ copy) as Promise<object>;
}
