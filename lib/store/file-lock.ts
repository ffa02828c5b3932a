import { LambduelError } from '../errors.ts';
import { type LockOptions, withLockFile } from './lock-file.mjs';
import { processAlive } from './process-alive.mjs';

const RETRY_MS = 2;
const PATIENCE_MS = 10_000;

/**
 * Do something while no other process of this machine does anything under the same lock file. A
 * lock file that a dead process left is removed.
 *
 * @throws LambduelError when another process holds it for ten seconds
 */
export async function withFileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  const options: LockOptions = {
    retryMs: RETRY_MS,
    isAbandoned: (holder) => holder === null || !processAlive(holder.pid),
    onWait: (holder) => {
      if (performance.now() <= deadline) return;
      throw new LambduelError(`The lock ${path} is held by process ${holder?.pid ?? 'unknown'}`, {
        hint: 'If that process is no longer Lambduel, remove the file.',
      });
    },
  };
  return withLockFile(path, options, action);
}
