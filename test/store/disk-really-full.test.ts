import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { testFolders } from '../support/folders.ts';
import { TSX_ARGUMENTS } from '../support/processes.ts';

const run = promisify(execFile);
const newFolder = testFolders();
const SCRIPT = fileURLToPath(new URL('./full-disk-process.ts', import.meta.url));

it('keeps whole objects only on a disk of 1 MB that is full, and goes on when there is room', async (context) => {
  // Prepare: a mount of its own, which a user name space allows without privileges
  const folder = await newFolder();
  const mount = `mount -t tmpfs -o size=1m none '${folder}'`;
  const inside = (command: string) => run('unshare', ['-Urm', 'sh', '-c', command]);
  const refused = await inside(mount).then(
    () => undefined,
    (error: Error) => error,
  );
  if (refused) context.skip(`a small disk cannot be mounted here: ${refused.message.trim()}`);
  // Act
  const node = [process.execPath, ...TSX_ARGUMENTS, SCRIPT, folder].map((word) => `'${word}'`);
  const { stdout } = await inside(`${mount} && exec ${node.join(' ')}`);
  // Assess
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({ drafts: [], goesOn: true });
  expect(report.hint).toMatch(/The disk is full: make room/);
  expect(report.written).toBeGreaterThan(3);
  expect(report.listed).toBe(report.written);
  expect(report.whole).toBe(report.written);
});
