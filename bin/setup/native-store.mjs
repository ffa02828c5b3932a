/**
 * The built native library, kept outside node_modules, and its way into tfjs-node.
 *
 * `npm ci` deletes node_modules with all that is in it. So the library lives in `.cache/native`,
 * with a manifest that names each file and its size, and is linked into the package.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileSize, NAPI_VERSION } from '../../lib/installation/clone.mjs';
import { hasAll, nativeManifest } from '../../lib/installation/native-status.mjs';
import { linkTree, listFiles, writeJson } from './files.mjs';

/** @typedef {import('../../lib/installation/clone.mjs').ClonePaths} ClonePaths */

/** What tfjs-node needs at run time. Headers are not among it. */
const PARTS = [join('deps', 'lib'), 'lib'];

/** Where tfjs-node looks for its binding, below the package. */
export const BINDING = join('lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');

/**
 * The manifest of a whole store, or null when a file of it is missing or was cut short.
 *
 * @param {ClonePaths} paths
 */
export function storeManifest(paths) {
  const manifest = nativeManifest(paths);
  return manifest && hasAll(paths.store, manifest.files) ? manifest : null;
}

/**
 * Whether tfjs-node has a binding at all, wherever it came from.
 *
 * @param {ClonePaths} paths
 */
export function hasBinding({ tfjs }) {
  return fileSize(join(tfjs, BINDING)) !== null;
}

/**
 * Takes the library out of a directory laid out like tfjs-node and makes it the store, in one
 * rename.
 *
 * @param {ClonePaths} paths
 * @param {string} from
 * @param {import('../../lib/installation/native-status.mjs').NativeWay} how
 */
export function fillStore({ store, temp }, from, how) {
  const staged = join(temp, 'store');
  rmSync(staged, { recursive: true, force: true });
  /** @type {Record<string, number>} */
  const files = {};
  for (const part of PARTS) {
    linkTree(join(from, part), join(staged, part));
    for (const file of listFiles(join(staged, part))) {
      files[join(part, file)] = fileSize(join(staged, part, file)) ?? 0;
    }
  }
  writeJson(join(staged, 'manifest.json'), { how, files });
  rmSync(store, { recursive: true, force: true });
  mkdirSync(dirname(store), { recursive: true });
  renameSync(staged, store);
}

/**
 * Links the store into the package; the binding's directory comes last.
 *
 * @param {ClonePaths} paths
 */
export function publishStore({ store, tfjs }) {
  clearPackage({ tfjs });
  for (const part of PARTS) {
    linkTree(join(store, part), join(tfjs, part));
  }
}

/**
 * Removes native files from the package: a binding that does not load is worse than none.
 *
 * @param {Pick<ClonePaths, 'tfjs'>} paths
 */
export function clearPackage({ tfjs }) {
  rmSync(join(tfjs, 'lib'), { recursive: true, force: true });
  rmSync(join(tfjs, 'deps'), { recursive: true, force: true });
}

/** @param {ClonePaths} paths */
export function dropStore({ store }) {
  rmSync(store, { recursive: true, force: true });
}
