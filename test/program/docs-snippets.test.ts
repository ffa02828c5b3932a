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

async function problemsOf(code: string, batch = 8): Promise<readonly string[]> {
  const file = join(await newFolder(), 'gan.ts');
  await writeFile(file, code);
  const bundle = await bundleProgram(file);
  const programs = programsWith(bundle);
  const program = await programs.load({ name: '', settings: {}, sha256: bundle.sha256 });
  const trial = { batch, shards: 2, seed: 0, gradients: 'eager' } as const;
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

it('its normalized generator works in it', async () => {
  const [whole = ''] = await snippets('gan.ts');
  const [part = '', ...others] = await snippets('norms');
  expect(others).toEqual([]);
  const used = [...part.matchAll(/\b(GROUP_SIZE|standing\w+)\b/g)].map(([name]) => name);
  const names = new Set([
    ...used.filter((name) => name !== 'standingStatistics'),
    'groupNorms',
    'ones',
  ]);
  const changed = `import { ${[...names].join(', ')} } from 'lambduel/program';
${whole
  .replaceAll(/\bdraw\(tf, G, noise\)/g, 'drawn(tf, G, noise, groupNorms(tf))')
  .replace('generate: draw,', '...normalized,')
  .replace(/network\('G', .*?\)/, 'withNorm($&)')}
${part}
function withNorm({ name, tensors }: NetworkSpec): NetworkSpec {
  return { name, tensors: [...tensors, ones('gain1', [64]), zeros('shift1', [64])] };
}
`;
  expect(changed.match(/drawn\(tf, G, noise, groupNorms/g)).toHaveLength(2);
  expect(await problemsOf(changed, 64)).toEqual([]);
});
