import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const LONG_MS = 120_000;
const POLL_MS = 5;

/** Wait for a condition, however slow the machine is. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadline = performance.now() + LONG_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(POLL_MS);
  }
}

/** Whether there is a process of this id. One that has ended and is not yet buried does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ids of a process's children. */
export async function childrenOf(pid: number): Promise<number[]> {
  return process.platform === 'linux' ? childrenInProc(pid) : childrenByPgrep(pid);
}

async function childrenInProc(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(pids.map(parentOf));
  return pids.filter((_, i) => parents[i] === parent);
}

/** The fourth field of `stat`; the second is the program's name in parentheses, which may hold any. */
async function parentOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === 'Z' ? undefined : Number(parent);
}

async function childrenByPgrep(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(parent)]).catch(() => ({
    stdout: '',
  }));
  return stdout.split('\n').filter(Boolean).map(Number);
}
