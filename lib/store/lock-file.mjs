/**
 * A lock that is a file, for processes that must not do the same thing at once. Plain JavaScript
 * that needs nothing installed, because the set-up of a clone uses it too.
 *
 * The file names its holder. It appears whole, by an exclusive hard link. A holder that was killed
 * leaves it behind. Exactly one challenger removes it: see `removeAbandoned`.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} Holder
 * @property {number} pid
 * @property {string | undefined} host of a lock whose processes may be those of several machines
 */

/**
 * @typedef {object} LockOptions
 * @property {string} [host] to be named in the lock; no spaces
 * @property {number} retryMs between two looks at a lock that is held
 * @property {(holder: Holder | null, ageMs: number) => boolean} isAbandoned whether the holder is gone. It
 *   is null for a file that names nobody, such as a loss of power may leave. The age is that of the last
 *   sign of life
 * @property {(holder: Holder | null) => void} onWait called before each wait; what it throws ends the waiting
 */

/**
 * Do something while nobody else does anything under the same lock.
 *
 * @template T
 * @param {string} path in a folder that exists
 * @param {LockOptions} options
 * @param {(content: string) => Promise<T>} action is given what the lock's file holds
 * @returns {Promise<T>}
 */
export async function withLockFile(path, options, action) {
  const token = randomBytes(8).toString('hex');
  const content = [process.pid, token, options.host].filter(Boolean).join(' ');
  const draft = `${path}.${process.pid}-${token}`;
  await writeFile(draft, content);
  try {
    await acquire(path, draft, options);
  } finally {
    await rm(draft, { force: true });
  }
  try {
    return await action(content);
  } finally {
    // Not a lock that another process has taken over meanwhile, while this one slept.
    if ((await readIfThere(path)) === content) await rm(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {string} draft
 * @param {LockOptions} options
 */
async function acquire(path, draft, options) {
  while (!(await tryLink(draft, path))) {
    const content = await readIfThere(path);
    if (content === undefined) continue;
    const abandoned = await isAbandoned(path, content, options);
    if (abandoned && (await removeAbandoned(path, content, draft, options))) continue;
    options.onWait(holderOf(content));
    await sleep(options.retryMs);
  }
}

/**
 * Remove the lock of a holder that is gone. Several challengers may see it at once, and a slow one
 * must not remove the new lock of a fast one. So a challenger first takes a claim, which is named
 * after the content that it saw, and removes the lock only while it still has that content. A claim
 * is itself a lock: if its owner is gone, it is removed in the same way.
 *
 * @param {string} path
 * @param {string} content
 * @param {string} draft
 * @param {LockOptions} options
 * @returns {Promise<boolean>} false when another challenger has the claim
 */
async function removeAbandoned(path, content, draft, options) {
  const claim = `${path}.stale-${content.replace(/[^\w.]+/g, '-').slice(0, 100)}`;
  if (await tryLink(draft, claim)) {
    if ((await readIfThere(path)) === content) await rm(path, { force: true });
    await rm(claim, { force: true });
    return true;
  }
  const claimant = await readIfThere(claim);
  if (claimant !== undefined && (await isAbandoned(claim, claimant, options))) {
    await removeAbandoned(claim, claimant, draft, options);
  }
  return false;
}

/**
 * @param {string} path
 * @param {string} content
 * @param {LockOptions} options
 */
async function isAbandoned(path, content, options) {
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && options.isAbandoned(holderOf(content), Date.now() - stats.mtimeMs);
}

/**
 * @param {string} content
 * @returns {Holder | null}
 */
function holderOf(content) {
  const [, pid, host] = /^(\d+) [0-9a-f]+(?: (\S+))?$/.exec(content) ?? [];
  return pid === undefined ? null : { pid: Number(pid), host };
}

/**
 * @param {string} from
 * @param {string} to
 */
async function tryLink(from, to) {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path */
async function readIfThere(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
