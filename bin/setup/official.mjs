/**
 * The first way to the native backend: the installer that tfjs-node brings. It downloads the
 * library and a ready binding from a storage bucket that not every network reaches.
 *
 * It runs on a copy of the package in the scratch directory: it edits package.json while it works,
 * and stopping it there can leave nothing half-done in node_modules.
 */
import { cpSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileSize, readJson } from '../../lib/installation/clone.mjs';
import { NativeUnavailableError } from '../../lib/installation/native-status.mjs';
import { stallWatch } from './command.mjs';
import { directorySize } from './files.mjs';
import { BINDING } from './native-store.mjs';

const PROBE_MS = 4_000;
const FIRST_BYTES_MS = 20_000;
const STALL_MS = 60_000;
const LIMIT_MS = 900_000;
/** With one of these set, another way to the files is meant, which only the installer knows. */
const OWN_ROUTE = [
  'TFJS_NODE_CDN_STORAGE',
  'npm_config_TFJS_NODE_CDN_STORAGE',
  'CDN_STORAGE',
  'TFJS_NODE_BASE_URI',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
];

/**
 * @param {import('./run.mjs').SetupContext} context
 * @returns {Promise<string>} a directory laid out like tfjs-node, with the library in it
 * @throws {NativeUnavailableError}
 */
export async function installOfficially({ paths, env, progress, run }) {
  const manifest = /** @type {{binary?: {host?: string}} | null} */ (
    readJson(join(paths.tfjs, 'package.json'))
  );
  const host = manifest?.binary?.host ?? '';
  if (!OWN_ROUTE.some((name) => env[name])) {
    await progress.step('Looking for the download host of TensorFlow', () => probe(host));
  }

  const copy = join(paths.temp, 'official');
  const native = [join(paths.tfjs, 'deps'), join(paths.tfjs, 'lib')];
  cpSync(paths.tfjs, copy, { recursive: true, filter: (path) => !native.includes(path) });
  const before = directorySize(copy);
  const growth = () => directorySize(copy) - before;
  const bins = join(paths.modules, '.bin');
  const result = await progress.step(
    'Downloading TensorFlow with the installer of tfjs-node',
    () =>
      run(process.execPath, ['scripts/install.js'], {
        cwd: copy,
        env: {
          ...env,
          PATH: `${bins}${process.platform === 'win32' ? ';' : ':'}${env.PATH ?? ''}`,
          npm_config_devdir: join(paths.cache, 'node-gyp'),
          npm_config_cache: paths.npmCache,
        },
        limitMs: LIMIT_MS,
        watch: stallWatch(growth, { firstMs: FIRST_BYTES_MS, betweenMs: STALL_MS }),
      }),
    () => `${Math.round(growth() / 1e6)} MB unpacked`,
  );
  if (fileSize(join(copy, BINDING)) === null) {
    const why = result.stopped ?? result.output.split('\n').at(-1);
    throw new NativeUnavailableError('platform', `the installer of tfjs-node failed (${why})`);
  }
  placeWindowsLibrary(copy);
  return copy;
}

/**
 * The installer puts it beside a binding for Node's newest Node-API, which does not exist.
 *
 * @param {string} copy
 */
function placeWindowsLibrary(copy) {
  const library = join(copy, 'deps', 'lib', 'tensorflow.dll');
  if (existsSync(library)) {
    cpSync(library, join(copy, dirname(BINDING), 'tensorflow.dll'));
  }
}

/**
 * A quick question first, so that a machine without the bucket loses seconds and not minutes.
 *
 * @param {string} url
 */
export async function probe(url, limitMs = PROBE_MS) {
  const name = URL.canParse(url) ? new URL(url).hostname : url;
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(limitMs) });
  } catch (error) {
    const why = isTimeout(error) ? `no answer in ${limitMs / 1000} s` : causeOf(error);
    throw new NativeUnavailableError('platform', `${name} cannot be reached (${why})`);
  }
  if (response.status === 407 || response.status >= 500) {
    throw new NativeUnavailableError('platform', `${name} answers with status ${response.status}`);
  }
}

/** @param {unknown} error */
function isTimeout(error) {
  return error instanceof Error && error.name === 'TimeoutError';
}

/**
 * What `fetch` failed for; its own message says no more than that it failed.
 *
 * @param {unknown} error
 */
function causeOf(error) {
  const { cause, message } = /** @type {{cause?: NodeJS.ErrnoException, message: string}} */ (
    error
  );
  return cause?.code ?? cause?.message ?? message;
}
