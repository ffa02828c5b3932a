/**
 * Runs a program with a time limit. Each program leads a process group of its own, so that stopping
 * it also stops what it started (npm and pip start more), and Ctrl-C here reaches them all. A
 * supervisor leads the group and ends it even when this process is killed outright.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SUPERVISOR = fileURLToPath(new URL('supervise.mjs', import.meta.url));

/** The exit code for a program that could not be started, as in a shell. */
export const MISSING = 127;

const KEPT_OUTPUT = 8_000;
/**
 * With their exit codes, as in a shell.
 *
 * @type {Partial<Record<NodeJS.Signals, number>>}
 */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
/** @type {Set<number>} */
const running = new Set();

/**
 * @typedef {object} CommandResult
 * @property {number | null} code the exit code; null when it was killed, 127 when it is missing
 * @property {NodeJS.Signals | null} signal
 * @property {string} output the end of stdout and stderr, mixed
 * @property {string | null} stopped why it was stopped before its end, if it was
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.limitMs]
 * @param {() => string | null} [options.watch] asked every second; a text stops the program
 * @returns {Promise<CommandResult>}
 */
export function run(command, args, options = {}) {
  const { cwd, env = process.env, limitMs = 600_000, watch } = options;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [SUPERVISOR, command, ...args], {
      cwd,
      env,
      detached: process.platform !== 'win32',
      stdio: 'pipe',
      windowsHide: true,
    });
    let output = '';
    /** @type {string | null} */
    let stopped = null;
    /** @param {string | Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    /** @param {string} why */
    const stop = (why) => {
      stopped ??= why;
      killGroup(child.pid);
    };
    const limit = setTimeout(() => stop(`no end within ${Math.round(limitMs / 1000)} s`), limitMs);
    const watcher = setInterval(() => {
      const why = watch?.();
      if (why) {
        stop(why);
      }
    }, 1_000);
    /**
     * @param {number | null} code
     * @param {NodeJS.Signals | null} signal
     */
    const finish = (code, signal) => {
      clearTimeout(limit);
      clearInterval(watcher);
      if (child.pid !== undefined) {
        forget(child.pid);
      }
      resolve({ code, signal, output: output.trim(), stopped });
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      keep(error.message);
      finish(null, null);
    });
    child.on('close', finish);
    if (child.pid !== undefined) {
      remember(child.pid);
    }
  });
}

/** @param {number} pid */
function remember(pid) {
  if (running.size === 0) {
    for (const signal of Object.keys(SIGNALS)) {
      process.on(signal, stopEverything);
    }
  }
  running.add(pid);
}

/** @param {number} pid */
function forget(pid) {
  running.delete(pid);
  if (running.size === 0) {
    for (const signal of Object.keys(SIGNALS)) {
      process.removeListener(signal, stopEverything);
    }
  }
}

/** @param {NodeJS.Signals} signal */
function stopEverything(signal) {
  for (const pid of running) {
    killGroup(pid);
  }
  process.exit(SIGNALS[signal]);
}

/** @param {number | undefined} pid */
function killGroup(pid) {
  if (pid === undefined) {
    return;
  }
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/**
 * Notices a download that stands still.
 *
 * @param {() => number} size bytes so far
 * @param {{firstMs: number, betweenMs: number}} limits how long to wait for the first bytes, and
 *   between two signs of life
 * @returns {() => string | null} to be asked now and then; a text says that it has stalled
 */
export function stallWatch(size, { firstMs, betweenMs }, now = Date.now) {
  const start = size();
  let last = { bytes: start, at: now() };
  return () => {
    const bytes = size();
    if (bytes !== last.bytes) {
      last = { bytes, at: now() };
      return null;
    }
    const limit = bytes === start ? firstMs : betweenMs;
    return now() - last.at > limit ? `no data for ${limit / 1000} s` : null;
  };
}
