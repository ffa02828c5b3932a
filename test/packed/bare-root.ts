import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { ROOT } from '../support/imports.ts';

const RUNTIME = join(ROOT, 'localstack/process-executor/localstack_process_executor/runtime.mjs');

/**
 * Make a root directory in which there is nothing but a function's folder, Node.js, the C libraries
 * that Lambda has too, and the runtime of the process executor.
 *
 * @param folder the function's
 * @param node the executable
 * @param objects shared objects whose needs must be there as well
 */
export function makeBareRoot(root: string, folder: string, node: string, objects: string[]): void {
  for (const name of ['bin', 'tmp', 'proc', 'dev', 'runtime', 'var']) mkdirSync(join(root, name));
  copyFileSync(node, join(root, 'bin', 'node'));
  copyFileSync(RUNTIME, join(root, 'runtime', 'runtime.mjs'));
  cpSync(folder, join(root, 'var', 'task'), { recursive: true });
  const listing = execFileSync('ldd', [node, ...objects], { encoding: 'utf8' });
  const needed = [...listing.matchAll(/(?:=>|^)\s+(\S+) \(/gm)].map(([, path]) => path as string);
  const system = needed.filter((path) => /^\/(usr\/)?lib/.test(path));
  for (const path of new Set(system)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
}

/** Whether this user may change the root directory of a process. */
export function mayChangeRoot(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The runtime in such a root: see runtime.mjs for the two pipes. */
export function startRuntime(root: string, env: Record<string, string>): ChildProcess {
  const inside =
    'for each in proc dev; do mount --rbind /$each "$1/$each" || exit; done; exec chroot "$1" /bin/node /runtime/runtime.mjs 3';
  return spawn('unshare', ['--mount', 'sh', '-c', inside, 'sh', root], {
    env: { PATH: process.env.PATH, _HANDLER: 'index.handler', ...env },
    stdio: ['pipe', 'inherit', 'inherit', 'pipe'],
  });
}

/** The pipe of its reports. */
export function reportsOf(runtime: ChildProcess): Readable {
  return runtime.stdio[3] as Readable;
}
