import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { MANIFEST_FILE, PACKED_FOLDER } from '../../lib/packed/manifest.ts';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';

const run = promisify(execFile);
const CDK = join(ROOT, 'node_modules', '.bin', 'cdk');
/** It bundles the functions and has CDK's own checks, on a machine that may be busy. */
const LIMIT_MS = 180_000;

const newFolder = testFolders();

/** Run `npx cdk synth` as on a machine that knows nothing of AWS, and has no Docker. */
async function synth(...args: string[]) {
  const output = join(await newFolder(), 'cdk.out');
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name)),
  );
  const home = await newFolder();
  // Relative, as in cdk.json.
  await run(CDK, ['synth', '--quiet', '--output', relative(ROOT, output), ...args], {
    cwd: ROOT,
    env: { ...env, HOME: home, CI: 'true', CDK_DOCKER: 'no-docker-here' },
  });
  return output;
}

let output: string;
beforeAll(async () => {
  output = await synth('-c', 'stackName=Trainer');
}, LIMIT_MS);

it('npx cdk synth needs no account and no Docker', async () => {
  const template = JSON.parse(await readFile(join(output, 'Trainer.template.json'), 'utf8'));
  const types = Object.values<{ Type: string }>(template.Resources).map(({ Type }) => Type);
  expect(types).toContain('AWS::Lambda::EventSourceMapping');
});

it.runIf(nativeIsInstalled())(
  'npx cdk synth packs native workers, the same each time',
  { timeout: LIMIT_MS },
  async () => {
    const assets = [await nativeWorkerOf(output), await nativeWorkerOf(await synth())];

    expect(assets[0]).toMatch(/^asset\.[0-9a-f]{64}$/);
    expect(assets[1]).toBe(assets[0]);
  },
);

/** The asset of those that has a packed native library. */
async function nativeWorkerOf(output: string): Promise<string | undefined> {
  const assets = (await readdir(output)).filter((name) => name.startsWith('asset.'));
  return assets.find((name) => existsSync(join(output, name, PACKED_FOLDER, MANIFEST_FILE)));
}

it('npx cdk synth says what is wrong with the context', { timeout: LIMIT_MS }, async () => {
  const failure = await synth('-c', 'concurrency=1').catch((error: { stderr: string }) => error);

  const { stderr } = failure as { stderr: string };
  expect(stderr).toContain('lambduel: The context is not valid: concurrency 1: must be at least 2');
  expect(stderr).not.toContain('    at ');
});
