/**
 * The `lambduel` command as a few bundles, which start in a fraction of the time that several hundred
 * TypeScript sources take. They are made anew when a source has changed, and nothing depends on them:
 * where they cannot be made, the sources run as they are.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.mjs';
import { removeOldBuilds } from './old-builds.mjs';
import { stampOf } from './stamp.mjs';

/**
 * @param {import('../../lib/installation/clone.mjs').ClonePaths} paths
 * @returns {Promise<string | null>} the bundle of `lib/cli/main.ts`; null if there is none
 */
export async function builtMain({ root, cache }) {
  const builds = join(cache, 'build');
  const folder = join(builds, stampOf(root));
  const main = join(folder, 'main.mjs');
  if (existsSync(main)) return main;
  let temporary;
  try {
    mkdirSync(builds, { recursive: true });
    temporary = mkdtempSync(join(builds, 'tmp-'));
    await bundle(root, temporary);
    if (!existsSync(folder)) renameSync(temporary, folder); // whole, or not at all
    removeOldBuilds(builds);
    return main;
  } catch {
    // Another start was faster, or the folder cannot be written.
    return existsSync(main) ? main : null;
  } finally {
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  }
}
