import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, vi } from 'vitest';
import { childrenOf, isAlive, until } from './processes.ts';

const BIN = fileURLToPath(new URL('../../bin/lambduel.mjs', import.meta.url));

/** A command takes a second or three to start, and ten times as long on a machine that is busy. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** What a command came to. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of standard output. */
  readonly lines: readonly string[];
}

/** A command that is running, in a process group of its own, as a shell starts one. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown>;
  readonly #everyWorker = new Set<number>();

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [BIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      detached: true,
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#closed = once(this.child, 'close');
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get lines(): string[] {
    return this.stdout.split('\n').filter((line) => line !== '');
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The worker processes that are alive; all that were ever seen are remembered. */
  async workers(): Promise<number[]> {
    const pids = await childrenOf(this.pid);
    for (const pid of pids) this.#everyWorker.add(pid);
    return pids;
  }

  /** Wait until `--json` has printed this iteration, or a later one where it begins later. @throws when the command ends first */
  async untilIteration(iteration: number): Promise<void> {
    const iterationOf = (line: string) => Number(/^\{"iteration":(\d+),/.exec(line)?.[1] ?? -1);
    const printed = () => this.lines.some((line) => iterationOf(line) >= iteration);
    await until(() => printed() || this.hasEnded, `iteration ${iteration}`);
    if (!printed()) throw new Error(`It ended before iteration ${iteration}: ${this.stderr}`);
  }

  /** Wait until something has been said on standard error. */
  async untilSaid(text: string): Promise<void> {
    await until(() => this.stderr.includes(text), `"${text}" on standard error`);
  }

  /** What Ctrl-C does: the signal goes to the command and to its workers. */
  interrupt(): void {
    process.kill(-this.pid, 'SIGINT');
  }

  /** End the coordinator as a crash would, and wait until its workers have gone as well. */
  async crash(): Promise<void> {
    await this.workers();
    this.child.kill('SIGKILL');
    await this.end();
    await this.workersGone();
  }

  /** Wait until none of the workers that were seen is left. */
  async workersGone(): Promise<void> {
    await until(() => ![...this.#everyWorker].some(isAlive), 'the end of the workers');
  }

  async end(): Promise<Outcome> {
    await this.#closed;
    const { stdout, stderr, lines } = this;
    return { code: this.child.exitCode, stdout, stderr, lines };
  }

  /** End whatever is left of it. */
  async dispose(): Promise<void> {
    if (!this.hasEnded) process.kill(-this.pid, 'SIGKILL');
    for (const pid of [...this.#everyWorker].filter(isAlive)) process.kill(pid, 'SIGKILL');
    await this.#closed;
  }
}

/** The command line as people use it: each command a process. */
export interface CommandLine {
  /** Run a command to its end. */
  run(...args: readonly string[]): Promise<Outcome>;
  start(...args: readonly string[]): RunningCommand;
}

/**
 * To be called at the top of a test file: what a test has started ends with it.
 *
 * @param env of commands, beside this process's own
 */
export function testCommandLine(env: NodeJS.ProcessEnv = {}): CommandLine {
  const started = new Set<RunningCommand>();
  afterEach(async () => {
    for (const command of started) await command.dispose();
    started.clear();
  });
  const start = (...args: readonly string[]): RunningCommand => {
    const command = new RunningCommand(args, env);
    started.add(command);
    return command;
  };
  return { start, run: (...args) => runToEnd(args, env) };
}

/** Run a command to its end. */
export function runToEnd(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> {
  return new RunningCommand(args, env).end();
}
