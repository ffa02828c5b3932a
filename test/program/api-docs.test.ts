import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { ROOT } from '../support/imports.ts';

const DOCS = join(ROOT, 'docs');
const TYPEDOC = join(ROOT, 'node_modules/typedoc/bin/typedoc');

const readJson = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

it('all that the package exports has documentation, and so has what it refers to', async () => {
  const args = [TYPEDOC, '--options', DOCS, '--emit', 'none'];

  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });

  expect(stderr).not.toContain('warning');
});

it('every module that the package exports is in the API documentation', async () => {
  const { exports } = await readJson(join(ROOT, 'package.json'));
  const { entryPoints } = await readJson(join(DOCS, 'typedoc.json'));

  const modules = Object.values<string>(exports).filter((file) => file.endsWith('.ts'));
  const documented = entryPoints.map((file: string) => `./${relative(ROOT, resolve(DOCS, file))}`);
  expect(modules.length).toBeGreaterThan(0);
  expect(documented).toEqual(modules);
});
