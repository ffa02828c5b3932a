import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setupModule, temporaryDirectory, write } from './harness.ts';

const { isStale, withLock } = await setupModule('lock');

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

  test('an unreadable file gets a moment, because it may just be written', () => {
    expect(isStale(null, 100)).toBe(false);
    expect(isStale(null, 3_000)).toBe(true);
  });
});

describe('withLock', () => {
  test('never lets two work at once, and tells the second one that it waits', async () => {
    const path = join(temporaryDirectory(), 'setup.lock');
    const events: string[] = [];
    const waits: number[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${name} ends`);
    };

    await Promise.all([
      withLock(path, work('first')),
      withLock(path, work('second'), (holder: { pid: number }) => waits.push(holder.pid)),
    ]);

    expect(events).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
    expect(waits).toEqual([process.pid]);
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    ['a killed holder', JSON.stringify({ pid: DEAD_PID, host: hostname() }), 0],
    ['a file cut short', '{"pid":', 10],
  ])('takes over from %s', async (_, content, ageSeconds) => {
    const path = join(temporaryDirectory(), 'setup.lock');
    write(path, content);
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(path, then, then);

    const holder = await withLock(path, async () => JSON.parse(readFileSync(path, 'utf8')));

    expect(holder.pid).toBe(process.pid);
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
