/**
 * One set-up at a time in a clone. The lock is a file that says who holds it; a holder that was
 * killed leaves the file behind, so the next one judges whether anybody is still there.
 */
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson } from './files.mjs';

const HEARTBEAT_MS = 5_000;
/** Another host's process cannot be asked, so its heartbeat has to do. */
const FOREIGN_LIMIT_MS = 60_000;
/** A living process that has not beaten for this long is another one with a reused id. */
const SILENT_LIMIT_MS = 600_000;
/** A lock file is empty between its creation and its first bytes. */
const UNREADABLE_LIMIT_MS = 2_000;
const POLL_MS = 250;

/**
 * @typedef {{pid: number, host: string}} Holder
 */

/**
 * Whether the file's holder is gone.
 *
 * @param {Holder | null} holder null when the file is unreadable
 * @param {number} ageMs since the last heartbeat
 */
export function isStale(holder, ageMs, host = hostname(), isAlive = processIsAlive) {
  if (holder === null) {
    return ageMs > UNREADABLE_LIMIT_MS;
  }
  if (holder.host !== host) {
    return ageMs > FOREIGN_LIMIT_MS;
  }
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
  await acquire(path, onWait);
  const release = () => releaseOwn(path);
  process.once('exit', release);
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.removeListener('exit', release);
    release();
  }
}

async function acquire(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryCreate(path)) {
    const holder = readJson(path);
    const age = ageOf(path);
    if (age === null) {
      continue;
    }
    if (isStale(holder, age)) {
      removeStale(path, holder);
      continue;
    }
    if (!told && holder !== null) {
      told = true;
      onWait(holder);
    }
    await sleep(POLL_MS);
  }
}

/** Fails when the file exists. For an instant it is empty, which is why `isStale` waits a little. */
function tryCreate(path) {
  try {
    writeFileSync(path, JSON.stringify(me()), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Only if it is still the file that was judged: another one may have taken over meanwhile. */
function removeStale(path, judged) {
  const current = readJson(path);
  if (JSON.stringify(current) === JSON.stringify(judged)) {
    rmSync(path, { force: true });
  }
}

function releaseOwn(path) {
  const holder = readJson(path);
  if (holder?.pid === process.pid && holder.host === hostname()) {
    rmSync(path, { force: true });
  }
}

function me() {
  return { pid: process.pid, host: hostname() };
}

function ageOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? Date.now() - stats.mtimeMs : null;
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The clone was deleted under us; the set-up itself will say so.
  }
}

/** A process that has ended but that nobody has collected (as in a container) counts as dead. */
export function processIsAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
