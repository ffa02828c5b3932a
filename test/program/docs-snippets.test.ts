import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadBackend } from '../../lib/backend/load.ts';
import { bundleProgram } from '../../lib/bundle/bundle-program.ts';
import { programsWith } from '../../lib/run/programs/program-library.ts';
import { tryProgram } from '../../lib/run/programs/try-program.ts';
import { testFolders } from '../support/folders.ts';
import { snippets } from './snippets.ts';

const newFolder = testFolders();

async function problemsOf(code: string): Promise<readonly string[]> {
  const file = join(await newFolder(), 'gan.ts');
  await writeFile(file, code);
  const bundle = await bundleProgram(file);
  const programs = programsWith(bundle);
  const program = await programs.load({ name: '', settings: {}, sha256: bundle.sha256 });
  const trial = { batch: 8, shards: 2, seed: 0, gradients: 'eager' } as const;
  const backend = await loadBackend('wasm', 1);
  return (await tryProgram(backend, program, trial, async () => {})).problems;
}

it('the program of docs/programs.md works as it is written there', async () => {
  const [whole = '', ...others] = await snippets('gan.ts');
  expect(others).toEqual([]);
  expect(await problemsOf(whole)).toEqual([]);
});

it('the parts of programs there work in it', async () => {
  const [whole = ''] = await snippets('gan.ts');
  const [part = '', ...others] = await snippets('part');
  expect(others).toEqual([]);
  const imports = whole.replace('  ganPhases,', '  ganPhases,\n  hinge,\n  type PhaseSpec,');
  const changed = `${imports.replace(/D: \(tf, .*?\n {6}\},\n/s, 'D: (...all) => hingeLoss(...all),\n')}\n${part}`;
  expect(changed).not.toContain('nonSaturating.discriminator');
  expect(await problemsOf(changed)).toEqual([]);
});
