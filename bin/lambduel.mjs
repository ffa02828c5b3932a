#!/usr/bin/env node
/**
 * The `lambduel` command. It brings the clone up to date first (bin/setup.mjs, milliseconds when
 * there is nothing to do) and runs the TypeScript sources as they are.
 */
import { setUp } from './setup.mjs';

/** @param {string[]} args */
async function launch(args) {
  if (!(await setUp({ quiet: true }))) {
    return 1;
  }
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../lib/cli/main.ts');
  return main(args);
}

process.exitCode = await launch(process.argv.slice(2));
