import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withFileLock } from '../../lib/store/file-lock.ts';
import { testFolders } from '../support/folders.ts';
import { kill, nextMessage, testProcesses } from '../support/processes.ts';

const newFolder = testFolders();
const start = testProcesses();
const HOLDER = new URL('./lock-process.ts', import.meta.url);
const newLock = async () => join(await newFolder(), 'lock');

/** So many take the lock at once. @returns the most that ever were inside together */
async function crowd(path: string, count: number): Promise<number> {
  let inside = 0;
  let most = 0;
  const enter = () =>
    withFileLock(path, async () => {
      most = Math.max(most, ++inside);
      await sleep(1);
      inside--;
    });
  await Promise.all(Array.from({ length: count }, enter));
  return most;
}

/** A lock as a process leaves it that is killed while it holds it. @returns the lock's content */
async function leaveLock(path: string): Promise<string> {
  const holder = start(HOLDER, path);
  await nextMessage(holder);
  await kill(holder);
  return readFile(path, 'utf8');
}

it('lets one in at a time, and leaves no file behind', async () => {
  const path = await newLock();
  expect(await crowd(path, 20)).toBe(1);
  expect(await readdir(dirname(path))).toEqual([]);
});

it('is free again after an action that failed, with its error', async () => {
  const path = await newLock();
  const failing = withFileLock(path, async () => {
    throw new Error('the action failed');
  });
  await expect(failing).rejects.toThrow('the action failed');
  expect(await withFileLock(path, async () => 'in')).toBe('in');
});

describe('a lock that a killed process left', () => {
  it('is taken over by one of many at a time', async () => {
    const path = await newLock();
    const content = await leaveLock(path);
    for (let round = 0; round < 10; round++) {
      await writeFile(path, content);
      expect(await crowd(path, 10)).toBe(1);
      expect(await readdir(dirname(path))).toEqual([]);
    }
  });

  it('is taken over as well when one who was taking it over was killed in the middle', async () => {
    // Prepare: the lock, and the claim on it, both of dead processes
    const path = await newLock();
    const holder = await leaveLock(path);
    const other = await newLock();
    const claimant = await leaveLock(other);
    await writeFile(`${path}.stale-${holder.replace(' ', '-')}`, claimant);
    // Act, assess
    expect(await crowd(path, 10)).toBe(1);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  it('is taken over when it is empty, as a loss of power may leave it', async () => {
    const path = await newLock();
    await writeFile(path, '');
    expect(await withFileLock(path, async () => 'in')).toBe('in');
  });
});

it('waits for a process that is alive, and gets in when that is killed', async () => {
  // Prepare
  const path = await newLock();
  const holder = start(HOLDER, path);
  await nextMessage(holder);
  // Act
  let entered = false;
  const waiting = withFileLock(path, async () => {
    entered = true;
  });
  await sleep(100);
  const enteredEarly = entered;
  await kill(holder);
  await waiting;
  // Assess
  expect(enteredEarly).toBe(false);
  expect(entered).toBe(true);
});
