import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProgress } from '../bin/setup/progress.mjs';
import { type ClientEnvironment, clientEnvironment, serverEnvironment } from './environment.ts';
import { LocalStackError } from './errors.ts';
import { installLocalStack } from './install.ts';
import { lastLines, openLog } from './log-file.ts';
import { freePort } from './port.ts';
import { createState, removeState } from './state.ts';

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 50;

export interface LocalStack {
  readonly endpoint: string;
  /** To be given to a process whose AWS clients shall use it. */
  readonly env: ClientEnvironment;
  stop(): Promise<void>;
}

export interface OwnLocalStack extends LocalStack {
  readonly pid: number;
  readonly log: string;
  /** Settles when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
}

export interface StartOptions {
  /** Any free port by default. */
  readonly port?: number;
}

/**
 * A LocalStack to test with: the one that `AWS_ENDPOINT_URL` names, or else a new one, which ends
 * with `stop()` or with this process.
 *
 * @throws LocalStackError when it cannot be installed or does not come up
 */
export async function startLocalStack(options: StartOptions = {}): Promise<LocalStack> {
  const given = process.env.AWS_ENDPOINT_URL;
  if (given) {
    return { endpoint: given, env: clientEnvironment(given, process.env), stop: async () => {} };
  }
  return launchLocalStack(options);
}

/** A new LocalStack, whatever the environment says. */
export async function launchLocalStack({
  port: wanted = 0,
}: StartOptions = {}): Promise<OwnLocalStack> {
  const python = await installLocalStack();
  const port = await freePort(wanted);
  const address = `127.0.0.1:${port}`;
  const endpoint = `http://${address}`;
  const state = createState();
  const log = openLog(port);
  // Its stdin is the lifeline: when that closes, because this process closed it or was killed,
  // LocalStack ends at once with all functions (process-executor/.../plugin.py).
  const child = spawn(python, ['-m', 'localstack.runtime.main'], {
    cwd: state.path,
    env: serverEnvironment(address, state),
    stdio: ['pipe', log.fd, log.fd],
    detached: true, // Ctrl-C is for us to handle
  });
  closeSync(log.fd);
  const ended = once(child, 'exit');

  const stop = async (): Promise<void> => {
    await end(child, ended);
    removeState(state);
  };
  try {
    await createProgress().step('Starting LocalStack', () => untilHealthy(endpoint, child));
  } catch (cause) {
    await stop();
    throw new LocalStackError(`LocalStack did not start:\n${lastLines(log.file)}`, {
      hint: `Its log is ${log.file}.`,
      cause,
    });
  }
  return {
    endpoint,
    env: clientEnvironment(endpoint),
    stop,
    ended,
    pid: child.pid as number,
    log: log.file,
  };
}

async function untilHealthy(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const answer = await fetch(`${endpoint}/_localstack/health`).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await sleep(POLL_MS);
  }
  throw new Error('it ended, or never became healthy');
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}
