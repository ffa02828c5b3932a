/**
 * Which programs of the machine are there. The set-up uses them, and `lambduel doctor` shows them.
 */
import { spawnSync } from 'node:child_process';

const COMPILERS = ['g++', 'c++', 'clang++'];
/** A Docker client whose daemon hangs must not hang the caller. */
const DOCKER_LIMIT_MS = 8_000;
/** Starting Python takes seconds on a busy machine. A tool that is slow is not missing. */
const LIMIT_MS = 60_000;

/** @typedef {'python3' | 'pip' | 'c++' | 'docker' | 'docker-daemon'} ToolName */

/**
 * The first line that a program prints, or null when it is missing or fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
function firstLine(command, args, env, limitMs = LIMIT_MS) {
  const result = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: limitMs,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const line = result.stdout?.trim().split('\n')[0]?.trim();
  return result.status === 0 && line ? line : null;
}

/**
 * The C++ compiler to use: `$CXX` if set, else the first that works.
 *
 * @returns {{command: string, version: string} | null}
 */
export function findCompiler(env = process.env) {
  for (const command of env.CXX ? [env.CXX] : COMPILERS) {
    const version = firstLine(command, ['--version'], env);
    if (version) {
      return { command, version };
    }
  }
  return null;
}

/**
 * What a tool says about itself, or null when it is not usable.
 *
 * @param {ToolName} name
 * @returns {string | null}
 */
export function findTool(name, env = process.env) {
  switch (name) {
    case 'python3':
      return firstLine('python3', ['--version'], env);
    case 'pip':
      return firstLine('python3', ['-m', 'pip', '--version'], env);
    case 'c++':
      return findCompiler(env)?.version ?? null;
    case 'docker':
      return firstLine('docker', ['--version'], env, DOCKER_LIMIT_MS);
    case 'docker-daemon':
      return firstLine('docker', ['info', '--format', '{{.ServerVersion}}'], env, DOCKER_LIMIT_MS);
  }
}
