import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A process that runs may still load a part of an earlier build. */
const KEPT_MS = 24 * 3600 * 1000;

/**
 * Remove what was built, or left half built, more than a day ago.
 *
 * @param {string} builds
 */
export function removeOldBuilds(builds, now = Date.now()) {
  for (const name of readdirSync(builds)) {
    const folder = join(builds, name);
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - made > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
