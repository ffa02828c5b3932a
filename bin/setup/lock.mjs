/**
 * One set-up at a time in a clone, which may be on a disk that several machines share.
 */
import { mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { withLockFile } from '../../lib/store/lock-file.mjs';
import { processAlive } from '../../lib/store/process-alive.mjs';

/** @typedef {import('../../lib/store/lock-file.mjs').Holder} Holder */

const HEARTBEAT_MS = 5_000;
/** Another host's process cannot be asked, so its heartbeat has to do. */
const FOREIGN_LIMIT_MS = 60_000;
/** A living process that has not beaten for this long is another one with a reused id. */
const SILENT_LIMIT_MS = 600_000;
const RETRY_MS = 250;

/**
 * Whether a lock's holder is gone.
 *
 * @param {Holder | null} holder null when the file names nobody
 * @param {number} ageMs since the last heartbeat
 */
export function isStale(holder, ageMs, host = hostname(), isAlive = processAlive) {
  if (holder === null) return true;
  if (holder.host !== host) return ageMs > FOREIGN_LIMIT_MS;
  return !isAlive(holder.pid) || ageMs > SILENT_LIMIT_MS;
}

/**
 * Runs `work` while holding the lock; waits for another holder.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {(holder: Holder) => void} [onWait] called once, when there is somebody to wait for
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait = () => {}) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  /** @param {Holder | null} holder */
  const tellOnce = (holder) => {
    // Somebody else may just be taking away the lock of a dead one.
    if (told || isStale(holder, 0) || holder === null) return;
    told = true;
    onWait(holder);
  };
  const options = {
    host: hostname(),
    retryMs: RETRY_MS,
    /** @type {import('../../lib/store/lock-file.mjs').LockOptions['isAbandoned']} */
    isAbandoned: (holder, ageMs) => isStale(holder, ageMs),
    onWait: tellOnce,
  };
  return withLockFile(path, options, async (content) => {
    // On Ctrl-C the process ends at once.
    const release = () => releaseOwn(path, content);
    process.once('exit', release);
    const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
    heartbeat.unref();
    try {
      return await work();
    } finally {
      clearInterval(heartbeat);
      process.removeListener('exit', release);
    }
  });
}

/**
 * @param {string} path
 * @param {string} content
 */
function releaseOwn(path, content) {
  try {
    if (readFileSync(path, 'utf8') === content) rmSync(path, { force: true });
  } catch {
    // Somebody has taken it over, or the clone was deleted.
  }
}

/** @param {string} path */
function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The clone was deleted under us; the set-up itself will say so.
  }
}
