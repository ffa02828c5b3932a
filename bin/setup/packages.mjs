/**
 * The npm packages: are they those of package-lock.json, and if not, install them.
 *
 * npm's own record (node_modules/.package-lock.json) is believed, because `npm ci` writes it last:
 * packages that somebody else installed rightly are not installed again, and an installation that
 * was cut short has no record.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MISSING } from './command.mjs';
import { SetupError } from './errors.mjs';
import { readJson, sha256, writeJson } from './files.mjs';

/** @param {import('./paths.mjs').ClonePaths} paths */
export function lockfileHash(paths) {
  try {
    return sha256(readFileSync(paths.lockfile));
  } catch (cause) {
    throw new SetupError(
      'package-lock.json cannot be read, so the packages to install are unknown.',
      'Bring it back with `git checkout package-lock.json`.',
      { cause },
    );
  }
}

/**
 * The quick answer, for every start: our own note names this lockfile and npm's record is there.
 *
 * @param {import('./paths.mjs').ClonePaths} paths
 * @param {string} hash
 */
export function packagesAreNoted(paths, hash) {
  return readJson(paths.packageMarker)?.lockfile === hash && existsSync(paths.installed);
}

/**
 * The first difference between what should be installed and what npm recorded, or null. Packages
 * for other platforms may be missing; packages beyond the lockfile do no harm.
 *
 * @param {{packages?: Record<string, any>} | null} lock the parsed package-lock.json
 * @param {{packages?: Record<string, any>} | null} installed the parsed record of npm
 * @param {{platform?: string, arch?: string, withoutDev?: boolean}} [machine]
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

/** `npm ci` leaves out the development packages in these two cases. */
function leavesOutDev(env) {
  return env.NODE_ENV === 'production' || /\bdev\b/.test(env.npm_config_omit ?? '');
}

/**
 * Whether the packages on the disk are right: the record of npm fits the lockfile, and every
 * directory that it names is there.
 *
 * @param {import('./paths.mjs').ClonePaths} paths
 */
export function findDifference(paths, env = process.env) {
  const installed = readJson(paths.installed);
  const difference = lockDifference(readJson(paths.lockfile), installed, {
    withoutDev: leavesOutDev(env),
  });
  const gone = Object.keys(installed?.packages ?? {}).find(
    (path) => !existsSync(join(paths.root, path)),
  );
  return difference ?? (gone ? `${gone} was deleted` : null);
}

/**
 * @param {import('./run.mjs').SetupContext} context
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

/** npm's cache and logs go into the clone, so that nothing is left elsewhere. */
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

/** On Windows npm is a script that only a shell can start; what it calls lies beside node.exe. */
function npmCommand() {
  return process.platform === 'win32'
    ? [
        process.execPath,
        join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      ]
    : ['npm'];
}

/** @param {import('./command.mjs').CommandResult} result */
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

/** The first sentence among npm's error lines, which begin with codes. */
function npmMessage(output) {
  const lines = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!) \S/.test(line))
    .map((line) => line.replace(/^npm (error|ERR!) /, ''));
  const sentence = lines.find((line) => !/^(code|syscall|errno|path|dest|type) /.test(line));
  return sentence ?? lines[0] ?? 'npm ended without a message';
}
