import { spawnSync } from 'node:child_process';

const LIMIT_MS = 120_000;

/** What this machine's `strip` says of itself, or null where it has none that knows x86-64. */
export function stripVersion(): string | null {
  const { status, stdout } = spawnSync('strip', ['--version'], { encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0] ?? '') : null;
}

/**
 * Copy a shared object without the symbols that only a debugger needs: a quarter less to unpack.
 *
 * @returns whether it succeeded
 */
export function strip(from: string, to: string): boolean {
  const args = ['--strip-unneeded', '-o', to, from];
  return spawnSync('strip', args, { stdio: 'ignore', timeout: LIMIT_MS }).status === 0;
}
