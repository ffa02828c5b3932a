import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { run, stallWatch } from '../../bin/setup/command.mjs';
import { probe } from '../../bin/setup/official.mjs';
import { createProgress } from '../../bin/setup/progress.mjs';
import { processAlive } from '../../lib/store/process-alive.mjs';
import { temporaryDirectory, until, write } from './harness.ts';

const node = process.execPath;
/** A program that starts another one, writes that one's id into a file, and waits. */
const PARENT = `
const child = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
require('node:fs').writeFileSync(process.argv[1], String(child.pid));
setTimeout(() => {}, 60000);`;

function hasContent(file: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') !== '';
}

test('a program gives its exit code and its words', async () => {
  const result = await run(node, ['-e', 'console.log("said"); process.exit(3)']);
  expect(result).toEqual({ code: 3, signal: null, output: 'said', stopped: null });
});

test('a program that does not exist is told from one that fails', async () => {
  expect((await run('lambduel-no-such-program', [])).code).toBe(127);
});

test('a program that a signal ended tells which', async () => {
  const result = await run(node, ['-e', 'process.kill(process.pid, "SIGKILL")']);
  expect(result.signal).toBe('SIGKILL');
});

test('a time limit ends a program', async () => {
  const result = await run(node, ['-e', 'setTimeout(() => {}, 60000)'], { limitMs: 200 });
  expect(result.stopped).toContain('no end within');
});

test('a stopped program takes along what it started', async () => {
  const file = join(temporaryDirectory(), 'pid');
  const watch = () => (hasContent(file) ? 'seen enough' : null);

  const result = await run(node, ['-e', PARENT, file], { watch });

  expect(result.stopped).toBe('seen enough');
  const grandchild = Number(readFileSync(file, 'utf8'));
  await until(() => !processAlive(grandchild));
});

test('a set-up that is killed outright takes its programs with it', async () => {
  const directory = temporaryDirectory();
  const file = join(directory, 'pid');
  const command = new URL('../../bin/setup/command.mjs', import.meta.url).href;
  const script = join(directory, 'setup.mjs');
  write(
    script,
    `import { run } from ${JSON.stringify(command)};
     await run(process.execPath, ['-e', ${JSON.stringify(PARENT)}, ${JSON.stringify(file)}]);`,
  );
  const setup = spawn(node, [script]);
  await until(() => hasContent(file));

  setup.kill('SIGKILL');

  const grandchild = Number(readFileSync(file, 'utf8'));
  await until(() => !processAlive(grandchild));
  expect(processAlive(grandchild)).toBe(false);
});

test('a download is given up without first bytes, and when it stands still', () => {
  let time = 0;
  let bytes = 0;
  const limits = { firstMs: 20_000, betweenMs: 60_000 };
  const watch = stallWatch(
    () => bytes,
    limits,
    () => time,
  );

  time = 19_000;
  expect(watch()).toBeNull();
  bytes = 1;
  expect(watch()).toBeNull();
  time = 70_000;
  expect(watch()).toBeNull();
  time = 80_000;
  expect(watch()).toBe('no data for 60 s');

  bytes = 0;
  time = 0;
  const silent = stallWatch(
    () => bytes,
    limits,
    () => time,
  );
  time = 21_000;
  expect(silent()).toBe('no data for 20 s');
});

test('a download host that refuses is told from one that answers, within its limit', async () => {
  await expect(probe('http://127.0.0.1:9/', 500)).rejects.toMatchObject({
    kind: 'platform',
    message: expect.stringContaining('127.0.0.1 cannot be reached'),
  });
});

test('a short step is silent, and its result comes through', async () => {
  const lines: string[] = [];
  const progress = createProgress({ stream: { write: (text: string) => lines.push(text) } });
  expect(await progress.step('Working', async () => 5)).toBe(5);
  expect(lines).toEqual([]);
});

test('a long step tells what is done, for how long and how far', async () => {
  const lines: string[] = [];
  const progress = createProgress({ stream: { write: (text: string) => lines.push(text) } });
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const work = () => new Promise((resolve) => setTimeout(resolve, 8_000));

  const step = progress.step('Downloading', work, () => '3 of 9 MB');
  await vi.advanceTimersByTimeAsync(8_000);
  await step;

  expect(lines).toEqual([
    'Downloading, 2 s, 3 of 9 MB\n',
    'Downloading, 7 s, 3 of 9 MB\n',
    'Downloading: ended after 8 s\n',
  ]);
});
