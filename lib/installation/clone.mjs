/**
 * Where the set-up of a clone reads and writes, and what it noted there. Plain JavaScript that
 * needs nothing installed, like all of this folder, because the set-up uses it. `lambduel doctor`
 * shows it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The highest Node-API version that tfjs-node 4.22.0 has a binding for; all of 20.15-22 have it.
 */
export const NAPI_VERSION = 8;

/** One build serves every Node of the same platform, because Node-API is ABI-stable. */
const NATIVE_KEY = `tfjs-4.22.0-napi${NAPI_VERSION}-${process.platform}-${process.arch}`;

/** A set-up that cannot continue. `remedy` says what the reader can do about it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   * @param {{cause?: unknown}} [options]
   */
  constructor(message, remedy, options) {
    super(message, options);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}

/**
 * Everything is inside the clone, except the downloaded wheel, which several clones share.
 *
 * @param {string} [root] the clone; tests pass a temporary directory
 */
export function clonePaths(root = ROOT) {
  const modules = join(root, 'node_modules');
  const cache = join(root, '.cache');
  return {
    root,
    lockfile: join(root, 'package-lock.json'),
    modules,
    /** What npm itself wrote about the packages that it installed. */
    installed: join(modules, '.package-lock.json'),
    /** Our note that the packages match the lockfile; inside, so that it goes when they go. */
    packageMarker: join(modules, '.lambduel-setup.json'),
    tfjs: join(modules, '@tensorflow', 'tfjs-node'),
    launcher: join(root, 'bin', 'lambduel.mjs'),
    launcherLink: join(modules, '.bin', 'lambduel'),
    cache,
    /** Scratch: emptied at the start of every set-up, under the lock. */
    temp: join(cache, 'tmp'),
    lock: join(cache, 'setup.lock'),
    /** How the attempt at a native backend ended; outside node_modules, so `npm ci` keeps it. */
    nativeMarker: join(cache, 'native.json'),
    /** The built library, kept where `npm ci` does not delete it. */
    store: join(cache, 'native', NATIVE_KEY),
    npmCache: join(cache, 'npm'),
  };
}

/** @typedef {ReturnType<typeof clonePaths>} ClonePaths */

/**
 * Whether npm has installed this as a package of another project. Then its packages are npm's
 * concern, and there is nothing to set up.
 *
 * @param {ClonePaths} [paths]
 */
export function isInstalledPackage({ root, lockfile } = clonePaths()) {
  return basename(dirname(root)) === 'node_modules' && !existsSync(lockfile);
}

/**
 * What the notes of a set-up are valid for: the packages that should be installed.
 *
 * @param {ClonePaths} paths
 */
export function lockfileHash(paths) {
  try {
    return createHash('sha256').update(readFileSync(paths.lockfile)).digest('hex');
  } catch (cause) {
    throw new SetupError(
      'package-lock.json cannot be read, so the packages to install are unknown.',
      'Bring it back with `git checkout package-lock.json`.',
      { cause },
    );
  }
}

/**
 * The parsed file, or null when it is missing or was cut short.
 *
 * @param {string} path
 * @returns {unknown}
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * The size in bytes, or null when there is no such file.
 *
 * @param {string} path
 */
export function fileSize(path) {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null;
}
