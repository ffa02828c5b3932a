/**
 * `node_modules/.bin/lambduel`, so that `npx lambduel` runs this clone. npm makes such links for
 * dependencies only; without one, npx would install the project into its own cache first.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, relative } from 'node:path';

const WINDOWS_SCRIPT = '@node "%~dp0\\..\\..\\bin\\lambduel.mjs" %*\r\n';

/** @param {import('../../lib/installation/clone.mjs').ClonePaths} paths */
export function launcherIsLinked({ launcherLink, launcher }) {
  if (process.platform === 'win32') {
    return existsSync(`${launcherLink}.cmd`);
  }
  try {
    return readlinkSync(launcherLink) === linkText(launcherLink, launcher);
  } catch {
    return false;
  }
}

/** @param {import('../../lib/installation/clone.mjs').ClonePaths} paths */
export function linkLauncher({ launcherLink, launcher }) {
  mkdirSync(dirname(launcherLink), { recursive: true });
  if (process.platform === 'win32') {
    writeFileSync(`${launcherLink}.cmd`, WINDOWS_SCRIPT);
    return;
  }
  rmSync(launcherLink, { force: true });
  symlinkSync(linkText(launcherLink, launcher), launcherLink);
  if (existsSync(launcher)) {
    chmodSync(launcher, 0o755);
  }
}

/**
 * Relative, so that the clone can be moved.
 *
 * @param {string} link
 * @param {string} target
 */
function linkText(link, target) {
  return relative(dirname(link), target);
}
