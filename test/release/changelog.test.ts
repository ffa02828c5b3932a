import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { pendingNotes, releasePending } from '../../bin/changelog.mjs';
import { testFolders } from '../support/folders.ts';
import { ROOT } from '../support/imports.ts';

const run = promisify(execFile);
const newFolder = testFolders();
const NEWS = '# Changelog\n\n## Pending\n\n- Faster.\n- Costs $& less.\n\n## 0.1.0\n\n- First.\n';
const NO_NEWS = '# Changelog\n\n## Pending\n\n## 0.1.0\n\n- First.\n';

describe('what is pending', () => {
  it('becomes the section of the version, below an empty one', () => {
    expect(releasePending(NEWS, '0.2.0')).toBe(
      '# Changelog\n\n## Pending\n\n## 0.2.0\n\n- Faster.\n- Costs $& less.\n\n## 0.1.0\n\n- First.\n',
    );
  });

  it('may be all that there is', () => {
    expect(releasePending('# Changelog\n\n## Pending\n\n- First.\n', '0.1.0')).toBe(
      '# Changelog\n\n## Pending\n\n## 0.1.0\n\n- First.\n',
    );
  });

  it.each([
    ['nothing', NO_NEWS, 'is empty'],
    ['nothing, at the end of the file', '# Changelog\n\n## Pending\n', 'is empty'],
    ['no section', '# Changelog\n\n## 0.1.0\n\n- First.\n', 'has no section'],
  ])('is refused when it is %s', (_, changelog, message) => {
    expect(() => pendingNotes(changelog)).toThrow(message);
    expect(() => releasePending(changelog, '0.2.0')).toThrow(message);
  });

  it('is refused for a version that has its section already', () => {
    expect(() => releasePending(NEWS, '0.1.0')).toThrow('already');
  });
});

it("the project's own changelog begins with what is pending, and tells of this version", async () => {
  const changelog = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const headings = changelog.split('\n').filter((line) => line.startsWith('## '));
  expect(headings[0]).toBe('## Pending');
  expect(headings).toContain(`## ${version}`);
});

describe('npm version', () => {
  /** A repository with this project's scripts and nothing to install. */
  async function repository(changelog: string): Promise<string> {
    const folder = await newFolder();
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const { preversion, version } = scripts;
    const manifest = { name: 'x', version: '0.1.0', scripts: { preversion, version } };
    await mkdir(join(folder, 'bin'));
    await cp(join(ROOT, 'bin/changelog.mjs'), join(folder, 'bin/changelog.mjs'));
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'CHANGELOG.md'), changelog);
    const git = (...args: string[]) => run('git', args, { cwd: folder });
    await git('init', '--quiet');
    await git('config', 'user.name', 'Test');
    await git('config', 'user.email', 'test@localhost');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'Begin');
    return folder;
  }
  const raise = (folder: string) => run('npm', ['version', 'minor'], { cwd: folder });

  it('commits the section together with the version', async () => {
    const folder = await repository(NEWS);

    await raise(folder);

    const { stdout } = await run('git', ['show', 'v0.2.0:CHANGELOG.md'], { cwd: folder });
    expect(stdout).toBe(releasePending(NEWS, '0.2.0'));
  });

  it('refuses when nothing is pending, and changes nothing', async () => {
    const folder = await repository(NO_NEWS);

    await expect(raise(folder)).rejects.toMatchObject({
      stderr: expect.stringContaining('The section "Pending" of CHANGELOG.md is empty.'),
    });

    expect((await run('git', ['status', '--porcelain'], { cwd: folder })).stdout).toBe('');
    expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')).version).toBe('0.1.0');
  });
});
