#!/usr/bin/env node
import { clonePaths } from '../lib/installation/clone.mjs';
/**
 * The `lambduel` command. It brings the clone up to date first (bin/setup.mjs, milliseconds when
 * there is nothing to do) and runs a build of the TypeScript sources, or the sources as they are where
 * none can be made.
 */
import { builtMain } from './build/commands.mjs';
import { setUp } from './setup.mjs';

/** @param {string[]} args */
async function launch(args) {
  if (!(await setUp({ quiet: true }))) {
    return 1;
  }
  const built = await builtMain(clonePaths());
  if (built === null) {
    const { register } = await import('tsx/esm/api');
    register();
  }
  if (args.includes('--debug')) process.setSourceMapsEnabled(true);
  const { main } = await import(built ?? '../lib/cli/main.ts');
  return main(args);
}

process.exitCode = await launch(process.argv.slice(2));
