import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { installLocalStack } from '../../localstack/install.ts';
import { paths } from '../../localstack/paths.ts';
import { findPython } from '../../localstack/python.ts';
import { scratchDirectory } from './scratch.ts';

const remedy = { hint: expect.stringContaining('apt-get install python3') };

describe('the search for a Python', () => {
  it('says what to install when there is none', async () => {
    await expect(findPython({ PATH: scratchDirectory() })).rejects.toMatchObject({
      message: expect.stringContaining('there is no python3 in the PATH'),
      ...remedy,
    });
  });

  it('says what is wrong with the one that it found', async () => {
    const PATH = scratchDirectory();
    const python = join(PATH, 'python3');
    writeFileSync(python, '#!/bin/sh\necho "Python 3.9.2" >&2\nexit 1\n');
    chmodSync(python, 0o755);

    await expect(findPython({ PATH })).rejects.toMatchObject({
      message: expect.stringContaining('Python 3.9.2'),
      ...remedy,
    });
  });
});

describe('the process executor', () => {
  it('passes its unit tests', { timeout: 300_000 }, async () => {
    const python = await installLocalStack();
    const args = ['-m', 'unittest', 'discover', '--start-directory', 'tests'];
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };

    const { stderr } = await promisify(execFile)(python, args, { cwd: paths.plugin, env });

    expect(stderr).toMatch(/Ran \d+ tests in .*\n\nOK/);
  });
});
