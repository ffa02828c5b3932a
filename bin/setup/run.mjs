/**
 * The set-up from its first check to its last: packages, launcher, native backend. Every part looks
 * first whether it is done, so a set-up that was interrupted goes on where it has to.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { clonePaths, isInstalledPackage, lockfileHash } from '../../lib/installation/clone.mjs';
import { nativeIsUnwanted, rememberedNative } from '../../lib/installation/native-status.mjs';
import { run } from './command.mjs';
import { launcherIsLinked, linkLauncher } from './launcher.mjs';
import { withLock } from './lock.mjs';
import { ensureNative, nativeIsSettled, wasmNotice } from './native.mjs';
import { ensurePackages, packagesAreNoted } from './packages.mjs';
import { createProgress } from './progress.mjs';

/**
 * What every part of the set-up is given.
 *
 * @typedef {object} SetupContext
 * @property {import('../../lib/installation/clone.mjs').ClonePaths} paths
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./progress.mjs').Progress} progress
 * @property {typeof run} run
 */

/**
 * @param {object} [options]
 * @param {boolean} [options.quiet] say nothing when nothing had to be done
 * @param {boolean} [options.retry] try a native backend again that failed before
 * @returns {Promise<void>}
 * @throws {import('../../lib/installation/clone.mjs').SetupError}
 */
export async function runSetup({ quiet = false, retry = false } = {}) {
  const paths = clonePaths();
  if (isInstalledPackage(paths)) {
    return;
  }
  const env = process.env;
  const progress = createProgress();
  const hash = lockfileHash(paths);
  const busy = !isSetUp(paths, hash, env) || (retry && !rememberedNative(paths, hash)?.available);
  if (busy) {
    await withLock(
      paths.lock,
      () => work({ paths, env, progress, run }, hash, retry),
      ({ pid }) =>
        progress.say(`Another set-up of this clone is running (${pid}); waiting for it.`),
    );
  }
  if (busy || !quiet) {
    progress.say(summary(rememberedNative(paths, hash), env));
  }
}

/**
 * The whole question of an ordinary start: five small reads.
 *
 * @param {SetupContext['paths']} paths
 * @param {string} hash of the lockfile
 * @param {NodeJS.ProcessEnv} env
 */
export function isSetUp(paths, hash, env) {
  return (
    packagesAreNoted(paths, hash) && launcherIsLinked(paths) && nativeIsSettled(paths, hash, env)
  );
}

/**
 * @param {SetupContext} context
 * @param {string} hash of the lockfile
 * @param {boolean} retry
 */
async function work(context, hash, retry) {
  const { paths } = context;
  clear(paths.temp);
  mkdirSync(paths.temp, { recursive: true });
  try {
    await ensurePackages(context, hash);
    linkLauncher(paths);
    await ensureNative(context, hash, retry);
  } finally {
    clear(paths.temp);
  }
}

/**
 * The programs of a set-up that was killed a moment ago may still be writing their last.
 *
 * @param {string} directory
 */
function clear(directory) {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/**
 * @param {import('../../lib/installation/native-status.mjs').NativeStatus | null} native
 * @param {NodeJS.ProcessEnv} env
 */
function summary(native, env) {
  if (nativeIsUnwanted(env)) {
    return 'Lambduel is set up. It computes with WebAssembly, as LAMBDUEL_BACKEND=wasm asks.';
  }
  if (native === null || native.available) {
    return 'Lambduel is set up, with the native TensorFlow backend.';
  }
  return `Lambduel is set up.\n${wasmNotice(native)}`;
}
