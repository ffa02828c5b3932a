/**
 * The native backend: use what is there, else try the ways to get it, in order of their cost. None
 * of them fails the set-up, because WebAssembly always works.
 */
import { buildFromWheel } from './build.mjs';
import { NativeUnavailableError } from './errors.mjs';
import { readJson, writeJson } from './files.mjs';
import { checkThatNativeLoads } from './native-load.mjs';
import {
  clearPackage,
  dropStore,
  fillStore,
  hasBinding,
  nativeIsInPlace,
  publishStore,
  storeManifest,
} from './native-store.mjs';
import { installOfficially } from './official.mjs';
import { remedyFor } from './remedies.mjs';

/**
 * @typedef {object} NativeResult
 * @property {boolean} available
 * @property {'official' | 'wheel' | 'present' | null} how
 * @property {string | null} reason why not
 * @property {string | null} remedy
 */

/** @param {NodeJS.ProcessEnv} env */
export function nativeIsUnwanted(env) {
  return env.LAMBDUEL_BACKEND === 'wasm';
}

/**
 * How the last attempt ended, if it was made with this lockfile and this Node. A failure is
 * remembered too: trying again costs seconds at each start.
 *
 * @param {import('./paths.mjs').ClonePaths} paths
 * @returns {NativeResult | null}
 */
export function rememberedNative(paths, hash) {
  const marker = readJson(paths.nativeMarker);
  return marker?.lockfile === hash && marker.node === process.version ? marker.native : null;
}

/** Whether nothing is left to do about the native backend. Cheap: it runs at every start. */
export function nativeIsSettled(paths, hash, env) {
  if (nativeIsUnwanted(env)) {
    return true;
  }
  const native = rememberedNative(paths, hash);
  return native !== null && (!native.available || nativeIsInPlace(paths));
}

/**
 * @param {import('./run.mjs').SetupContext} context
 * @param {string} hash of the lockfile
 * @param {boolean} retry forget a remembered failure
 */
export async function ensureNative(context, hash, retry) {
  const { paths, env } = context;
  if (nativeIsUnwanted(env)) {
    return;
  }
  const remembered = rememberedNative(paths, hash);
  if (nativeIsSettled(paths, hash, env) && !(retry && !remembered.available)) {
    return;
  }
  const native = (await useStore(context, remembered)) ?? (await obtain(context));
  writeJson(paths.nativeMarker, { lockfile: hash, node: process.version, native });
}

/** After `npm ci` the store is still there; if it was seen to load, linking it is enough. */
async function useStore(context, remembered) {
  const { paths } = context;
  const manifest = storeManifest(paths);
  if (!manifest) {
    return null;
  }
  publishStore(paths);
  if (!remembered?.available && (await problemOf(() => checkThatNativeLoads(context)))) {
    dropStore(paths);
    clearPackage(paths);
    return null;
  }
  return success(manifest.how);
}

async function obtain(context) {
  const { paths } = context;
  if (hasBinding(paths)) {
    const problem = await problemOf(() => checkThatNativeLoads(context));
    if (!problem) {
      fillStore(paths, paths.tfjs, 'present');
      return success('present');
    }
    clearPackage(paths);
  }
  const problems = [];
  for (const [how, way] of [
    ['official', installOfficially],
    ['wheel', buildFromWheel],
  ]) {
    const problem = await problemOf(async () => adopt(context, await way(context), how));
    if (!problem) {
      return success(how);
    }
    problems.push(problem);
  }
  return failure(problems);
}

/** A library that was obtained becomes the store, and stays only if it loads. */
async function adopt(context, directory, how) {
  const { paths, progress } = context;
  fillStore(paths, directory, how);
  publishStore(paths);
  try {
    await progress.step('Trying the native backend', () => checkThatNativeLoads(context));
  } catch (error) {
    dropStore(paths);
    clearPackage(paths);
    throw error;
  }
}

async function problemOf(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof NativeUnavailableError) {
      return error;
    }
    const kind = error.code === 'ENOSPC' ? 'disk' : 'unknown';
    return new NativeUnavailableError(kind, error.message);
  }
}

function success(how) {
  return { available: true, how, reason: null, remedy: null };
}

/** The last way is the one that the reader can do most about. */
function failure(problems) {
  return {
    available: false,
    how: null,
    reason: problems.map((problem) => problem.message).join('; '),
    remedy: remedyFor(problems.at(-1).kind),
  };
}
