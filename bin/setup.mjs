#!/usr/bin/env node
/**
 * Prepares a clone: installs the npm packages, links the launcher and makes the native TensorFlow
 * backend available, or says what its absence costs.
 *
 *     node bin/setup.mjs [--retry]
 *
 * It is called on every `npx lambduel` and before `npm test`; when nothing is to be done it takes a
 * few milliseconds. `--retry` tries a native backend again that could not be had before.
 *
 * Environment:
 *   LAMBDUEL_BACKEND=wasm  leave the native backend alone and compute with WebAssembly
 *   LAMBDUEL_CACHE=DIR     where the TensorFlow wheel (207 MB) is kept for other clones; default
 *                          $XDG_CACHE_HOME/lambduel or ~/.cache/lambduel; `off` keeps it here, in
 *                          .cache. Nothing else is written outside the clone.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The upper bound is not caution: tfjs-node 4.22.0 calls `util.isNullOrUndefined`, which Node 23
 * removed, and fails at its first tensor.
 */
const LOWEST = { major: 20, minor: 15 };
const FIRST_TOO_NEW = 23;

/**
 * @param {{quiet?: boolean, retry?: boolean}} [options]
 * @returns {Promise<boolean>} false when it failed; what to do has then been said on stderr
 */
export async function setUp(options = {}) {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem) {
    report(problem);
    return false;
  }
  try {
    const { runSetup } = await import('./setup/run.mjs');
    await runSetup(options);
    return true;
  } catch (error) {
    report(/** @type {Error & {remedy?: string}} */ (error));
    return false;
  }
}

/**
 * Says what is wrong with a Node version, or null when it will do.
 *
 * @param {string} version as in `process.versions.node`, for example `20.15.0`
 * @returns {{message: string, remedy: string} | null}
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const remedy =
    'Install Node.js 22 (https://nodejs.org/en/download, or `nvm install 22 && nvm use 22`), then start again.';
  if (major >= FIRST_TOO_NEW) {
    return {
      message: `Node.js ${version} is too new: tfjs-node 4.22.0 breaks on Node.js 23 and later; Lambduel runs on 20.15 to 22.`,
      remedy,
    };
  }
  if (major < LOWEST.major || (major === LOWEST.major && minor < LOWEST.minor)) {
    return {
      message: `Node.js ${version} is too old: Lambduel runs on 20.15 to 22.`,
      remedy,
    };
  }
  return null;
}

/** @param {{message: string, remedy?: string}} problem */
function report({ message, remedy }) {
  process.stderr.write(`lambduel: ${message}\n`);
  if (remedy) {
    process.stderr.write(`  ${remedy}\n`);
  }
}

/** @param {string[]} args */
async function main(args) {
  const unknown = args.find((arg) => arg !== '--retry');
  if (unknown !== undefined) {
    report({
      message: `set-up does not know ${unknown}.`,
      remedy: 'Usage: node bin/setup.mjs [--retry]',
    });
    return 2;
  }
  return (await setUp({ retry: args.includes('--retry') })) ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
