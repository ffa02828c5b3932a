import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isStale, withLock } from '../../bin/setup/lock.mjs';
import { temporaryDirectory, write } from './harness.ts';

/** Beyond what any system gives to a process. */
const DEAD_PID = 2 ** 30;
const alive = () => true;
const dead = () => false;

describe('isStale', () => {
  const here = { pid: 5, host: 'here' };

  test('a living holder of this machine keeps the lock', () => {
    expect(isStale(here, 30_000, 'here', alive)).toBe(false);
  });

  test('a dead holder of this machine loses it at once', () => {
    expect(isStale(here, 0, 'here', dead)).toBe(true);
  });

  test('a process that has not beaten for ten minutes is another one with the same id', () => {
    expect(isStale(here, 601_000, 'here', alive)).toBe(true);
  });

  test('a holder elsewhere is judged by its heartbeat alone', () => {
    expect(isStale(here, 30_000, 'there', dead)).toBe(false);
    expect(isStale(here, 61_000, 'there', alive)).toBe(true);
  });

  test('a file that names nobody has no holder, because a lock appears whole', () => {
    expect(isStale(null, 0)).toBe(true);
  });
});

describe('withLock', () => {
  test('never lets two work at once, and tells the second one that it waits', async () => {
    const path = join(temporaryDirectory(), 'setup.lock');
    const events: string[] = [];
    const waits: number[] = [];
    let second: Promise<void> | undefined;

    await withLock(path, async () => {
      second = withLock(
        path,
        async () => void events.push('second'),
        ({ pid }: { pid: number }) => void waits.push(pid),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      events.push('first ends');
    });
    await second;

    expect(events).toEqual(['first ends', 'second']);
    expect(waits).toEqual([process.pid]);
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['a killed holder', `${DEAD_PID} 0a1b2c ${hostname()}`, 0],
    ['a holder elsewhere that was silent for a minute', `${process.pid} 0a1b2c elsewhere`, 61],
    ['a file cut short', `${process.pid}`, 0],
  ])('takes over from %s', async (_, content, ageSeconds) => {
    const path = join(temporaryDirectory(), 'setup.lock');
    write(path, content);
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(path, then, then);

    const holder = await withLock(path, async () => readFileSync(path, 'utf8'));

    expect(holder).toMatch(new RegExp(`^${process.pid} `));
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test('leaves the lock to who took it over while its holder was silent', async () => {
    const path = join(temporaryDirectory(), 'setup.lock');
    const other = `${process.pid} 0a1b2c elsewhere`;

    await withLock(path, async () => write(path, other));

    expect(readFileSync(path, 'utf8')).toBe(other);
  });

  test('is free again after a failure', async () => {
    const path = join(temporaryDirectory(), 'setup.lock');
    const failing = withLock(path, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });
});
