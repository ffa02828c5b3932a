import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory, until, write } from './harness.ts';

/**
 * The whole set-up in a clone that has only `bin/`, `lib/` and a lockfile. A stand-in for npm counts its
 * calls, and can be told to hang.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NPM = `#!/bin/sh
echo "$@" >> npm-calls
mkdir -p node_modules
if [ -f hang ]; then echo begun > begun; sleep 60; fi
echo '{"packages": {}}' > node_modules/.package-lock.json
`;

let clone: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  clone = temporaryDirectory();
  for (const folder of ['bin', 'lib']) {
    cpSync(join(ROOT, folder), join(clone, folder), { recursive: true });
  }
  write(join(clone, 'package-lock.json'), '{"packages": {}}');
  write(join(clone, 'tools', 'npm'), NPM);
  chmodSync(join(clone, 'tools', 'npm'), 0o755);
  const path = [join(clone, 'tools'), dirname(process.execPath), '/usr/bin', '/bin'];
  env = { ...process.env, PATH: path.join(delimiter), LAMBDUEL_BACKEND: 'wasm' };
});

function setUp(...args: string[]) {
  return spawnSync(process.execPath, ['bin/setup.mjs', ...args], {
    cwd: clone,
    env,
    encoding: 'utf8',
  });
}

function npmCalls(): string[] {
  const path = join(clone, 'npm-calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

describe.skipIf(process.platform === 'win32')('set-up of a clone', () => {
  test('installs once, links the launcher, and then has nothing to do', () => {
    const first = setUp();
    const second = setUp();

    expect(first.stderr).toContain('Lambduel is set up');
    expect([first.status, second.status]).toEqual([0, 0]);
    expect(npmCalls()).toHaveLength(1);
    expect(npmCalls()[0]).toContain('ci --ignore-scripts');
    expect(readlinkSync(join(clone, 'node_modules/.bin/lambduel'))).toBe('../../bin/lambduel.mjs');
  });

  test('leaves packages alone that npm ci has installed before', () => {
    write(join(clone, 'node_modules', '.package-lock.json'), '{"packages": {}}');
    expect(setUp().status).toBe(0);
    expect(npmCalls()).toEqual([]);
  });

  test('heals after it was killed in the middle of the installation', async () => {
    write(join(clone, 'hang'), '');
    const killed = spawn(process.execPath, ['bin/setup.mjs'], { cwd: clone, env });
    await until(() => existsSync(join(clone, 'begun')));
    killed.kill('SIGKILL');
    await new Promise((resolve) => killed.once('exit', resolve));
    expect(existsSync(join(clone, '.cache', 'setup.lock'))).toBe(true);
    rmSync(join(clone, 'hang'));

    expect(setUp().status).toBe(0);

    expect(npmCalls()).toHaveLength(2);
    expect(existsSync(join(clone, '.cache', 'setup.lock'))).toBe(false);
    expect(existsSync(join(clone, '.cache', 'tmp'))).toBe(false);
  });

  test('fails with one sentence and a remedy when npm is missing', () => {
    rmSync(join(clone, 'tools', 'npm'));
    env.PATH = join(clone, 'tools');
    const { status, stderr } = setUp();

    expect(status).toBe(1);
    expect(stderr).toMatch(/^lambduel: There is no npm in the PATH.*\n {2}Install Node\.js.*\n$/);
  });

  test('refuses an argument that it does not know', () => {
    expect(setUp('--force')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage: node bin/setup.mjs [--retry]'),
    });
  });
});
