import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach } from 'vitest';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What Node needs to run a TypeScript file. */
export const TSX_ARGUMENTS = ['--import', TSX] as const;

/**
 * Processes of the tests' own scripts, ended when their test is done. To be called at the top of a
 * test file.
 *
 * @returns starts a script
 */
export function testProcesses(): (script: URL, ...args: string[]) => ChildProcess {
  const started = new Set<ChildProcess>();
  afterEach(async () => {
    await Promise.all([...started].map(kill));
    started.clear();
  });
  return (script, ...args) => {
    const options: ForkOptions = { execArgv: [...TSX_ARGUMENTS], serialization: 'advanced' };
    const child = fork(fileURLToPath(script), args, options);
    started.add(child);
    return child;
  };
}

/** End a process at once, as a crash would, and wait until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Wait for a process to end by itself. @returns its exit code */
export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** The next message of a process. @throws when it ends without one */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  const died = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`The process ended (${code}) without a message`);
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), died])) as [unknown];
    return message;
  } finally {
    died.catch(() => {});
    controller.abort();
  }
}
