import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeVersionProblem } from '../../bin/setup.mjs';
import { ROOT } from '../support/imports.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const workflow = readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8');

it('the package exports files that are there', () => {
  const missing = Object.values<string>(manifest.exports).filter(
    (file) => !existsSync(join(ROOT, file)),
  );
  expect(missing).toEqual([]);
});

it('continuous integration and .nvmrc use versions of Node.js that the set-up accepts', () => {
  const wanted = readFileSync(join(ROOT, '.nvmrc'), 'utf8').trim();
  const [, list = ''] = /node: \[([^\]]+)\]/.exec(workflow) ?? [];
  const tested = list.split(',').map((version) => version.trim());

  expect(tested).toEqual(['20', '22']);
  expect(tested).toContain(wanted);
  // The newest of each line.
  for (const version of tested) expect(nodeVersionProblem(`${version}.99.0`)).toBeNull();
});
