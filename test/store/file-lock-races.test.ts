import type * as FileSystem from 'node:fs/promises';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { withFileLock } from '../../lib/store/file-lock.ts';
import { testFolders } from '../support/folders.ts';
import { ended, testProcesses } from '../support/processes.ts';

/** Each operation on a lock starts late, by chance: every order of the challengers comes up. */
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const late = <A extends unknown[], R>(share: number, action: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      await sleep(Math.random() < share ? 8 * Math.random() : 0);
      return action(...args);
    };
  };
  return {
    ...original,
    link: late(0.5, original.link),
    rm: late(0.2, original.rm),
    readFile: late(0.2, original.readFile as (...args: unknown[]) => Promise<unknown>),
  };
});

const newFolder = testFolders();
const start = testProcesses();
const COUNTER = new URL('./counter-process.ts', import.meta.url);
const ROUNDS = 40;

it("lets one in at a time when many see at once that the lock is a dead process's", async () => {
  // Prepare: the id of a process that is no more
  const path = join(await newFolder(), 'lock');
  const dead = start(COUNTER, await newFolder(), 'none', '0');
  await ended(dead);
  let inside = 0;
  let together = 0;
  const enter = () =>
    withFileLock(path, async () => {
      together = Math.max(together, ++inside);
      await sleep(1);
      inside--;
    });
  for (let round = 0; round < ROUNDS; round++) {
    await writeFile(path, `${dead.pid} ${round.toString(16).padStart(16, '0')}`);
    // Act
    await Promise.all(Array.from({ length: 8 }, enter));
    // Assess
    expect(together).toBe(1);
    expect(await readdir(dirname(path))).toEqual([]);
  }
});
