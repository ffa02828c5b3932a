import { readFileSync } from 'node:fs';

/**
 * Whether a process of this machine is alive. One that may not be signalled is alive. One that has
 * ended and was not collected by its parent, as happens in containers, is not.
 *
 * @param {number} pid
 * @returns {boolean}
 */
export function processAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
