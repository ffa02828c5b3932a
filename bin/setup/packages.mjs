/**
 * The npm packages: are they those of package-lock.json, and if not, install them.
 *
 * npm's own record (node_modules/.package-lock.json) is believed, because `npm ci` writes it last:
 * packages that somebody else installed rightly are not installed again, and an installation that
 * was cut short has no record.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readJson, SetupError } from '../../lib/installation/clone.mjs';
import { MISSING } from './command.mjs';
import { writeJson } from './files.mjs';

/** @typedef {import('../../lib/installation/clone.mjs').ClonePaths} ClonePaths */
/** @typedef {import('./run.mjs').SetupContext} SetupContext */

/**
 * A package in a lockfile or in npm's record.
 *
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

/** @typedef {{packages?: Record<string, LockedPackage>}} Lockfile */

/** @typedef {{platform?: NodeJS.Platform, arch?: string, withoutDev?: boolean}} Machine */

/**
 * The quick answer, for every start: our own note names this lockfile and npm's record is there.
 *
 * @param {ClonePaths} paths
 * @param {string} hash
 */
export function packagesAreNoted(paths, hash) {
  const marker = /** @type {{lockfile: string} | null} */ (readJson(paths.packageMarker));
  return marker?.lockfile === hash && existsSync(paths.installed);
}

/**
 * The first difference between what should be installed and what npm recorded, or null. Packages
 * for other platforms may be missing; packages beyond the lockfile do no harm.
 *
 * @param {Lockfile | null} lock the parsed package-lock.json
 * @param {Lockfile | null} installed the parsed record of npm
 * @param {Machine} [machine]
 * @returns {string | null}
 */
export function lockDifference(lock, installed, machine = {}) {
  if (!installed?.packages) {
    return 'nothing is installed, or an installation was cut short';
  }
  for (const [path, wanted] of Object.entries(lock?.packages ?? {})) {
    const found = installed.packages[path];
    if (path === '' || (!found && mayBeMissing(wanted, machine))) {
      continue;
    }
    if (!found) {
      return `${path} is missing`;
    }
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return `${path} is ${found.version}, not the ${wanted.version} of the lockfile`;
    }
  }
  return null;
}

/**
 * @param {LockedPackage} wanted
 * @param {Machine} machine
 */
function mayBeMissing(wanted, { platform = process.platform, arch = process.arch, withoutDev }) {
  if (wanted.dev && withoutDev) {
    return true;
  }
  if (!wanted.optional) {
    return false;
  }
  const isForThisMachine =
    wanted.os?.includes(platform) && wanted.cpu?.includes(arch) && !wanted.libc;
  return !isForThisMachine;
}

/**
 * `npm ci` leaves out the development packages in these two cases.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function leavesOutDev(env) {
  return env.NODE_ENV === 'production' || /\bdev\b/.test(env.npm_config_omit ?? '');
}

/**
 * Whether the packages on the disk are right: the record of npm fits the lockfile, and every
 * directory that it names is there.
 *
 * @param {ClonePaths} paths
 */
export function findDifference(paths, env = process.env) {
  const installed = /** @type {Lockfile | null} */ (readJson(paths.installed));
  const lock = /** @type {Lockfile | null} */ (readJson(paths.lockfile));
  const difference = lockDifference(lock, installed, {
    withoutDev: leavesOutDev(env),
  });
  const gone = Object.keys(installed?.packages ?? {}).find(
    (path) => !existsSync(join(paths.root, path)),
  );
  return difference ?? (gone ? `${gone} was deleted` : null);
}

/**
 * @param {SetupContext} context
 * @param {string} hash of the lockfile
 * @returns {Promise<boolean>} whether anything had to be installed
 */
export async function ensurePackages({ paths, env, progress, run }, hash) {
  const difference = findDifference(paths, env);
  if (difference !== null) {
    await progress.step('Installing the npm packages', () => install({ paths, env, run }));
  }
  writeJson(paths.packageMarker, { lockfile: hash });
  return difference !== null;
}

/**
 * npm's cache and logs go into the clone, so that nothing is left elsewhere.
 *
 * @param {Pick<SetupContext, 'paths' | 'env' | 'run'>} context
 */
async function install({ paths, env, run }) {
  const [command, ...before] = npmCommand();
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const result = await run(command, [...before, ...args, '--cache', paths.npmCache], {
    cwd: paths.root,
    env,
    limitMs: 900_000,
  });
  if (result.code !== 0) {
    throw installError(result);
  }
}

/**
 * On Windows npm is a script that only a shell can start; what it calls lies beside node.exe.
 *
 * @returns {[string, ...string[]]}
 */
function npmCommand() {
  return process.platform === 'win32'
    ? [
        process.execPath,
        join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      ]
    : ['npm'];
}

/** @param {Pick<import('./command.mjs').CommandResult, 'code' | 'stopped' | 'output'>} result */
export function installError({ code, stopped, output }) {
  if (code === MISSING) {
    return new SetupError(
      'There is no npm in the PATH, so the packages cannot be installed.',
      'Install Node.js together with npm (https://nodejs.org/en/download), then start again.',
    );
  }
  return new SetupError(
    `The npm packages could not be installed: ${stopped ?? npmMessage(output)}`,
    output.includes('EUSAGE')
      ? 'package.json and package-lock.json differ: run `npm install --ignore-scripts`, or bring both back with git.'
      : 'Check that `npm ping` answers (a proxy or registry may have to be set), then run `node bin/setup.mjs` again.',
  );
}

/**
 * The first sentence among npm's error lines, which begin with codes.
 *
 * @param {string} output
 */
function npmMessage(output) {
  const lines = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!) \S/.test(line))
    .map((line) => line.replace(/^npm (error|ERR!) /, ''));
  const sentence = lines.find((line) => !/^(code|syscall|errno|path|dest|type) /.test(line));
  return sentence ?? lines[0] ?? 'npm ended without a message';
}
