/**
 * Where set-up reads and writes. Everything is inside the clone, but for the downloaded wheel,
 * which several clones share.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The highest Node-API version that tfjs-node 4.22.0 has a binding for; all of 20.15-22 have it. */
export const NAPI_VERSION = 8;

/** One build serves every Node of the same platform, because Node-API is ABI-stable. */
const NATIVE_KEY = `tfjs-4.22.0-napi${NAPI_VERSION}-${process.platform}-${process.arch}`;

/**
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
 * The directory for the 207 MB wheel: `$LAMBDUEL_CACHE`, else the user's cache directory. The value
 * `off` keeps it in the clone.
 *
 * @param {ClonePaths} paths
 * @param {NodeJS.ProcessEnv} [env]
 */
export function wheelDirectory(paths, env = process.env) {
  if (env.LAMBDUEL_CACHE === 'off') {
    return join(paths.cache, 'wheel');
  }
  if (env.LAMBDUEL_CACHE) {
    return resolve(env.LAMBDUEL_CACHE);
  }
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lambduel');
}
