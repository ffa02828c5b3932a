import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';
import { snippets } from './snippets.ts';

const run = promisify(execFile);
const newFolder = testFolders();
const MODULES = join(ROOT, 'node_modules');
let project: string;

/** Make somebody's project, with the package and `gan.ts` of docs/programs.md. */
beforeAll(async () => {
  project = await newFolder();
  await mkdir(join(project, 'node_modules'));
  for (const name of await readdir(MODULES)) {
    if (!name.startsWith('.'))
      await symlink(join(MODULES, name), join(project, 'node_modules', name));
  }
  const root = join(project, 'node_modules/lambduel');
  await Promise.all((await packedFiles()).map((path) => cp(join(ROOT, path), join(root, path))));
  const [program = ''] = await snippets('gan.ts');
  await writeFile(join(project, 'gan.ts'), program);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});

/** What `npm pack` puts into the package. */
async function packedFiles(): Promise<string[]> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await run('npm', args, { cwd: ROOT });
  const [{ files }] = JSON.parse(stdout);
  return files.map(({ path }: { path: string }) => path);
}

it('gan.ts has the types of the installed package, with the options that the docs name', async () => {
  const compilerOptions = {
    ...{ module: 'nodenext', allowImportingTsExtensions: true, noEmit: true },
    ...{ strict: true, skipLibCheck: true, types: [] },
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const compiler = join(MODULES, 'typescript/bin/tsc');

  const compiling = run(process.execPath, [compiler], { cwd: project });

  await expect(compiling).resolves.toMatchObject({ stdout: '' });
});

it('the command of the installed package sets nothing up, and works', async () => {
  const root = join(project, 'node_modules/lambduel');
  const args = [join(root, 'bin/lambduel.mjs'), 'runs'];

  const { stderr } = await run(process.execPath, args, { cwd: project });

  expect(stderr).toMatch(/^No runs/);
  expect(await readdir(root)).not.toContain('node_modules');
});
