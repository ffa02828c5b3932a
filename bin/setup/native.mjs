/**
 * The native backend: use what is there, else try the ways to get it, in order of their cost. None
 * of them fails the set-up, because WebAssembly always works.
 */
import {
  NativeUnavailableError,
  nativeIsInPlace,
  nativeIsUnwanted,
  remedyFor,
  rememberedNative,
} from '../../lib/installation/native-status.mjs';
import { writeJson } from './files.mjs';
import {
  clearPackage,
  dropStore,
  fillStore,
  hasBinding,
  publishStore,
  storeManifest,
} from './native-store.mjs';
import { installOfficially } from './official.mjs';
import { buildFromWheel } from './wheel.mjs';

/** @typedef {import('./run.mjs').SetupContext} SetupContext */
/** @typedef {import('../../lib/installation/native-status.mjs').NativeStatus} NativeStatus */
/** @typedef {import('../../lib/installation/native-status.mjs').NativeWay} NativeWay */

/** @type {{how: NativeWay, way: (context: SetupContext) => Promise<string>}[]} */
const WAYS = [
  { how: 'official', way: installOfficially },
  { how: 'wheel', way: buildFromWheel },
];

const LOAD_LIMIT_MS = 120_000;
const PROBE = `
const tf = require('@tensorflow/tfjs-node');
const sum = tf.tensor([1, 2]).add(1).dataSync();
if (tf.getBackend() !== 'tensorflow' || sum[1] !== 3) {
  throw new Error('the backend is ' + tf.getBackend());
}`;

/** Measured: one iteration of mlp-gan (1 D + 2 G updates, batch 128) on two cores. */
const NATIVE_MS = 57;
const WASM_MS = 392;

/**
 * The whole message for somebody who gets WebAssembly: what it costs, why, and the way out.
 *
 * @param {Pick<NativeStatus, 'reason' | 'remedy'>} native
 */
export function wasmNotice({ reason, remedy }) {
  const times = Math.round(WASM_MS / NATIVE_MS);
  return [
    'Lambduel will compute with WebAssembly, because the native TensorFlow backend is not available.',
    `  What it costs: about ${times} times slower (${WASM_MS} ms against ${NATIVE_MS} ms an iteration of mlp-gan).`,
    `  Why: ${reason}`,
    `  To get the native backend: ${remedy}`,
  ].join('\n');
}

/**
 * Whether nothing is left to do about the native backend. Cheap: it runs at every start.
 *
 * @param {import('../../lib/installation/clone.mjs').ClonePaths} paths
 * @param {string} hash of the lockfile
 * @param {NodeJS.ProcessEnv} env
 */
export function nativeIsSettled(paths, hash, env) {
  if (nativeIsUnwanted(env)) {
    return true;
  }
  const native = rememberedNative(paths, hash);
  return native !== null && (!native.available || nativeIsInPlace(paths));
}

/**
 * @param {SetupContext} context
 * @param {string} hash of the lockfile
 * @param {boolean} retry forget a remembered failure
 */
export async function ensureNative(context, hash, retry) {
  const { paths, env } = context;
  if (nativeIsUnwanted(env)) {
    return;
  }
  const remembered = rememberedNative(paths, hash);
  if (nativeIsSettled(paths, hash, env) && !(retry && !remembered?.available)) {
    return;
  }
  const native = (await useStore(context, remembered)) ?? (await obtain(context));
  writeJson(paths.nativeMarker, { lockfile: hash, node: process.version, native });
}

/**
 * After `npm ci` the store is still there; if it was seen to load, linking it is enough.
 *
 * @param {SetupContext} context
 * @param {NativeStatus | null} remembered
 */
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

/** @param {SetupContext} context */
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
  for (const { how, way } of WAYS) {
    const problem = await problemOf(async () => adopt(context, await way(context), how));
    if (!problem) {
      return success(how);
    }
    problems.push(problem);
  }
  return failure(problems);
}

/**
 * A library that was obtained becomes the store, and stays only if it loads.
 *
 * @param {SetupContext} context
 * @param {string} directory
 * @param {NativeWay} how
 */
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

/**
 * @param {() => Promise<void>} work
 * @returns {Promise<NativeUnavailableError | null>}
 */
async function problemOf(work) {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof NativeUnavailableError) {
      return error;
    }
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    return new NativeUnavailableError(code === 'ENOSPC' ? 'disk' : 'unknown', message);
  }
}

/**
 * @param {NativeWay} how
 * @returns {NativeStatus}
 */
function success(how) {
  return { available: true, how, reason: null, remedy: null };
}

/**
 * The last way is the one that the reader can do most about.
 *
 * @param {NativeUnavailableError[]} problems
 * @returns {NativeStatus}
 */
function failure(problems) {
  return {
    available: false,
    how: null,
    reason: problems.map((problem) => problem.message).join('; '),
    remedy: remedyFor(problems.at(-1)?.kind ?? 'unknown'),
  };
}

/**
 * Does the native backend load and compute? Asked of a child process, because a wrong library can
 * end the process that loads it.
 *
 * @param {SetupContext} context
 * @throws {NativeUnavailableError} when it does not
 */
async function checkThatNativeLoads({ paths, env, run }) {
  const result = await run(process.execPath, ['-e', PROBE], {
    cwd: paths.root,
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '2', NODE_OPTIONS: '' },
    limitMs: LOAD_LIMIT_MS,
  });
  if (result.code === 0) {
    return;
  }
  if (result.signal === 'SIGILL') {
    throw new NativeUnavailableError(
      'cpu',
      'the processor lacks the AVX instructions that TensorFlow uses',
    );
  }
  const line = result.output.split('\n').find((text) => /Error/.test(text));
  const why = result.stopped ?? line?.trim() ?? result.signal ?? 'no message';
  throw new NativeUnavailableError('load', `the native library does not load (${why})`);
}
