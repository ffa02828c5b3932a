import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LambduelError } from '../errors.ts';
import { processAlive } from './process-alive.ts';

const RETRY_MS = 2;
const PATIENCE_MS = 10_000;

/**
 * Do something while no other process of this machine does anything under the same lock file.
 *
 * The file holds its owner's process id and a token; it appears whole, by an exclusive hard link. One
 * left by a process that died is taken away, by one challenger alone: see `removeStale`.
 */
export async function withFileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const token = `${process.pid} ${randomBytes(8).toString('hex')}`;
  const draft = `${path}.${token.replace(' ', '-')}`;
  await writeFile(draft, token);
  try {
    await acquire(path, draft);
  } finally {
    await rm(draft, { force: true });
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, draft: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await tryLink(draft, path))) {
    const holder = await readIfThere(path);
    if (holder !== undefined && isDead(holder)) await removeStale(path, holder, draft);
    else await sleep(RETRY_MS);
    if (performance.now() > deadline) {
      throw new LambduelError(`The lock ${path} is held by process ${holder?.split(' ')[0]}`, {
        hint: 'If that process is no longer Lambduel, remove the file.',
      });
    }
  }
}

/**
 * Take away the lock of a process that died. Several challengers may see it at once, and a slow one
 * must not take away the lock that a quick one has put there since: the right to remove goes to who
 * holds a claim named after the very token that was seen, and only while the lock still holds it. A
 * claim is a lock itself: one whose owner died is taken away in the same manner.
 */
async function removeStale(path: string, holder: string, draft: string): Promise<void> {
  const claim = `${path}.stale-${holder.replace(' ', '-')}`;
  if (await tryLink(draft, claim)) {
    if ((await readIfThere(path)) === holder) await rm(path, { force: true });
    await rm(claim, { force: true });
    return;
  }
  const claimant = await readIfThere(claim);
  if (claimant !== undefined && isDead(claimant)) await removeStale(claim, claimant, draft);
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a lock's owner is gone. One without an owner, as a loss of power may leave, has none. */
function isDead(holder: string): boolean {
  return !processAlive(Number.parseInt(holder, 10));
}
