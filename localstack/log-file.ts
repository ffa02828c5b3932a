import { mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from './paths.ts';

const LOGS_KEPT = 10;
const LINES_SHOWN = 20;

/** Opens a new log file and removes old ones. */
export function openLog(port: number): { file: string; fd: number } {
  mkdirSync(paths.logs, { recursive: true });
  const newestFirst = readdirSync(paths.logs)
    .map((name) => join(paths.logs, name))
    .map((file) => ({ file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time);
  for (const { file } of newestFirst.slice(LOGS_KEPT - 1)) rmSync(file, { force: true });
  const file = join(paths.logs, `${process.pid}-${port}.log`);
  return { file, fd: openSync(file, 'w') };
}

export function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
}
