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
import { nodeVersionProblem } from './setup/node-version.mjs';

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
    report(error);
    return false;
  }
}

function report({ message, remedy }) {
  process.stderr.write(`lambduel: ${message}\n`);
  if (remedy) {
    process.stderr.write(`  ${remedy}\n`);
  }
}

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
