/**
 * Whether this clone has the native TensorFlow backend, as the last set-up found, and what to do if
 * not.
 */
import { join } from 'node:path';
import { clonePaths, fileSize, lockfileHash, readJson } from './clone.mjs';

/** @typedef {import('./clone.mjs').ClonePaths} ClonePaths */

/**
 * By tfjs-node's own installer, built from the wheel, or found there by the set-up.
 *
 * @typedef {'official' | 'wheel' | 'present'} NativeWay
 */

/**
 * @typedef {object} NativeStatus
 * @property {boolean} available
 * @property {NativeWay | null} how
 * @property {string | null} reason why not
 * @property {string | null} remedy
 */

/**
 * What the kept library consists of: its files below the package, with their sizes.
 *
 * @typedef {{how: NativeWay, files: Record<string, number>}} NativeManifest
 */

/**
 * @typedef {'platform' | 'cpu' | 'python' | 'pip' | 'compiler' | 'download' | 'disk' | 'build' | 'load' | 'skipped' | 'unknown'} NativeProblem
 */

const RETRY = 'then run `node bin/setup.mjs --retry`';

/** @type {Record<NativeProblem, string>} */
const REMEDIES = {
  platform: `Use Linux on x86-64, or a network that reaches storage.googleapis.com, ${RETRY}.`,
  cpu: 'Use a machine whose processor has AVX (any x86-64 server or laptop since about 2013).',
  python: `Install Python 3 with pip (Debian and Ubuntu: \`sudo apt-get install python3 python3-pip\`), ${RETRY}.`,
  pip: `Install pip (Debian and Ubuntu: \`sudo apt-get install python3-pip\`; elsewhere \`python3 -m ensurepip\`), ${RETRY}.`,
  compiler: `Install a C++ compiler (Debian and Ubuntu: \`sudo apt-get install g++\`; Fedora: \`sudo dnf install gcc-c++\`), ${RETRY}.`,
  download: `Check that \`python3 -m pip download --no-deps tensorflow-cpu==2.15.1\` can reach its package index (a proxy or PIP_INDEX_URL may have to be set), ${RETRY}.`,
  disk: `Free some disk space, ${RETRY}.`,
  build: `Read the compiler's message above; a newer C++ compiler (GCC 9 or later) often helps, ${RETRY}.`,
  load: `Delete the directory .cache/native, ${RETRY}.`,
  skipped: 'Unset LAMBDUEL_BACKEND, then run `node bin/setup.mjs`.',
  unknown: 'Run `node bin/setup.mjs --retry`.',
};

/** @param {NativeProblem} kind */
export function remedyFor(kind) {
  return REMEDIES[kind];
}

/**
 * A way to the native backend that failed. The set-up does not fail: it tries the next way, and
 * WebAssembly always works.
 */
export class NativeUnavailableError extends Error {
  /**
   * @param {NativeProblem} kind picks the remedy
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.name = 'NativeUnavailableError';
    this.kind = kind;
  }
}

/** @param {NodeJS.ProcessEnv} env */
export function nativeIsUnwanted(env) {
  return env.LAMBDUEL_BACKEND === 'wasm';
}

/**
 * How the last attempt ended, if it was made with this lockfile and this Node. A failure is
 * remembered too: trying again costs seconds at each start.
 *
 * @param {ClonePaths} paths
 * @param {string} hash of the lockfile
 * @returns {NativeStatus | null}
 */
export function rememberedNative(paths, hash) {
  const marker = /** @type {{lockfile: string, node: string, native: NativeStatus} | null} */ (
    readJson(paths.nativeMarker)
  );
  return marker?.lockfile === hash && marker.node === process.version ? marker.native : null;
}

/**
 * The manifest of the kept library, or null. A store without one was cut short.
 *
 * @param {ClonePaths} paths
 */
export function nativeManifest({ store }) {
  return /** @type {NativeManifest | null} */ (readJson(join(store, 'manifest.json')));
}

/**
 * Whether the package holds what the store holds. Sizes only: this runs at every start.
 *
 * @param {ClonePaths} paths
 */
export function nativeIsInPlace(paths) {
  const manifest = nativeManifest(paths);
  return manifest !== null && hasAll(paths.tfjs, manifest.files);
}

/**
 * Whether a directory holds these files with these sizes.
 *
 * @param {string} directory
 * @param {Record<string, number>} files
 */
export function hasAll(directory, files = {}) {
  const entries = Object.entries(files);
  return (
    entries.length > 0 && entries.every(([file, size]) => fileSize(join(directory, file)) === size)
  );
}

/**
 * Whether the native TensorFlow backend can be used, and if not, why and what to do. Loads nothing.
 *
 * @returns {NativeStatus}
 */
export function nativeStatus(paths = clonePaths(), env = process.env) {
  const native = rememberedNative(paths, lockfileHash(paths));
  if (nativeIsUnwanted(env)) {
    return unavailable('LAMBDUEL_BACKEND=wasm asks for WebAssembly', remedyFor('skipped'));
  }
  if (native === null) {
    return unavailable('set-up has not looked for it yet', remedyFor('unknown'));
  }
  if (native.available && !nativeIsInPlace(paths)) {
    return unavailable('its files were deleted since set-up', remedyFor('unknown'));
  }
  return native;
}

/**
 * @param {string} reason
 * @param {string} remedy
 * @returns {NativeStatus}
 */
function unavailable(reason, remedy) {
  return { available: false, how: null, reason, remedy };
}
