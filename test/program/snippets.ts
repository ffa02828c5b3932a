import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../support/imports.ts';

/** The snippets of docs/programs.md that are marked so. */
export async function snippets(mark: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'docs/programs.md'), 'utf8');
  return [...text.matchAll(/^```ts (\S+)\n(.*?)^```$/gms)].flatMap(([, name, code = '']) =>
    name === mark ? [code] : [],
  );
}
