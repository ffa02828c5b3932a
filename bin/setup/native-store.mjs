/**
 * The built native library, kept outside node_modules, and its way into tfjs-node.
 *
 * `npm ci` deletes node_modules with all that is in it. So the library lives in `.cache/native`,
 * with a manifest that names each file and its size, and is linked into the package.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileSize, linkTree, listFiles, readJson, writeJson } from './files.mjs';
import { NAPI_VERSION } from './paths.mjs';

/** What tfjs-node needs at run time. Headers are not among it. */
const PARTS = [join('deps', 'lib'), 'lib'];
const MANIFEST = 'manifest.json';

/** Where tfjs-node looks for its binding, below the package. */
export const BINDING = join('lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');

/**
 * The manifest of a whole store, or null. A store without one was cut short.
 *
 * @param {import('./paths.mjs').ClonePaths} paths
 * @returns {{how: 'official' | 'wheel' | 'present', files: Record<string, number>} | null}
 */
export function storeManifest({ store }) {
  const manifest = readJson(join(store, MANIFEST));
  return manifest && hasAll(store, manifest.files) ? manifest : null;
}

/**
 * Whether the package holds what the store holds. Sizes only: this runs at every start.
 *
 * @param {import('./paths.mjs').ClonePaths} paths
 */
export function nativeIsInPlace({ store, tfjs }) {
  const manifest = readJson(join(store, MANIFEST));
  return manifest !== null && hasAll(tfjs, manifest.files);
}

function hasAll(directory, files = {}) {
  const entries = Object.entries(files);
  return (
    entries.length > 0 && entries.every(([file, size]) => fileSize(join(directory, file)) === size)
  );
}

/** Whether tfjs-node has a binding at all, wherever it came from. */
export function hasBinding({ tfjs }) {
  return fileSize(join(tfjs, BINDING)) !== null;
}

/**
 * Takes the library out of a directory laid out like tfjs-node and makes it the store, in one
 * rename.
 *
 * @param {import('./paths.mjs').ClonePaths} paths
 * @param {string} from
 * @param {'official' | 'wheel' | 'present'} how
 */
export function fillStore({ store, temp }, from, how) {
  const staged = join(temp, 'store');
  rmSync(staged, { recursive: true, force: true });
  const files = {};
  for (const part of PARTS) {
    linkTree(join(from, part), join(staged, part));
    for (const file of listFiles(join(staged, part))) {
      files[join(part, file)] = fileSize(join(staged, part, file));
    }
  }
  writeJson(join(staged, MANIFEST), { how, files });
  rmSync(store, { recursive: true, force: true });
  mkdirSync(dirname(store), { recursive: true });
  renameSync(staged, store);
}

/** Links the store into the package; the binding's directory comes last. */
export function publishStore({ store, tfjs }) {
  clearPackage({ tfjs });
  for (const part of PARTS) {
    linkTree(join(store, part), join(tfjs, part));
  }
}

/** Removes native files from the package: a binding that does not load is worse than none. */
export function clearPackage({ tfjs }) {
  rmSync(join(tfjs, 'lib'), { recursive: true, force: true });
  rmSync(join(tfjs, 'deps'), { recursive: true, force: true });
}

/** @param {import('./paths.mjs').ClonePaths} paths */
export function dropStore({ store }) {
  rmSync(store, { recursive: true, force: true });
}
