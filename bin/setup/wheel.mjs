/**
 * The second way to the native backend, for Linux on x86-64: the libraries out of TensorFlow's
 * Python wheel, and the binding compiled from the sources that tfjs-node carries (about 10 s). The wheel is
 * downloaded once a user and checked each time: see wheel-file.mjs.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NAPI_VERSION } from '../../lib/installation/clone.mjs';
import { NativeUnavailableError } from '../../lib/installation/native-status.mjs';
import { findCompiler, findTool } from '../../lib/installation/tools.mjs';
import { BINDING } from './native-store.mjs';
import { fetchWheel } from './wheel-file.mjs';

/** @typedef {import('./run.mjs').SetupContext} SetupContext */

const EXTRACTOR = fileURLToPath(new URL('extract_wheel.py', import.meta.url));

/**
 * @param {SetupContext} context
 * @returns {Promise<string>} a directory laid out like tfjs-node, with the library in it
 * @throws {NativeUnavailableError}
 */
export async function buildFromWheel(context) {
  const { paths, env, progress } = context;
  const compiler = requireTools(env);
  const wheel = await fetchWheel(context);
  const directory = join(paths.temp, 'built');
  await progress.step('Unpacking TensorFlow', () => extract(context, wheel, directory));
  await progress.step('Compiling the binding', () => compile(context, compiler, directory));
  return directory;
}

/**
 * Asked before anything is downloaded: 207 MB for nothing would be unkind.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} the compiler
 */
function requireTools(env) {
  if (process.platform !== 'linux' || process.arch !== 'x64' || usesMusl()) {
    throw new NativeUnavailableError(
      'platform',
      `there is no TensorFlow wheel for ${process.platform} on ${process.arch}${usesMusl() ? ' with musl' : ''}`,
    );
  }
  if (!findTool('python3', env)) {
    throw new NativeUnavailableError('python', 'there is no python3 in the PATH');
  }
  if (!findTool('pip', env)) {
    throw new NativeUnavailableError('pip', 'this python3 has no pip');
  }
  const compiler = findCompiler(env);
  if (!compiler) {
    throw new NativeUnavailableError('compiler', 'there is no C++ compiler (g++, c++ or clang++)');
  }
  return compiler.command;
}

function usesMusl() {
  const report = /** @type {{header: {glibcVersionRuntime?: string}}} */ (
    process.report.getReport()
  );
  return process.platform === 'linux' && !report.header.glibcVersionRuntime;
}

/**
 * @param {SetupContext} context
 * @param {string} wheel
 * @param {string} directory
 */
async function extract({ paths, env, run }, wheel, directory) {
  const result = await run('python3', [EXTRACTOR, wheel, directory], {
    cwd: paths.root,
    env: { ...env, TMPDIR: paths.temp, PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (result.code !== 0) {
    const full = result.output.includes('No space left');
    throw new NativeUnavailableError(
      full ? 'disk' : 'unknown',
      `the TensorFlow wheel could not be unpacked (${lastLine(result)})`,
    );
  }
}

/**
 * @param {SetupContext} context
 * @param {string} compiler
 * @param {string} directory
 */
async function compile({ paths, env, run }, compiler, directory) {
  mkdirSync(dirname(join(directory, BINDING)), { recursive: true });
  const result = await run(compiler, compilerArguments(paths, directory), {
    cwd: paths.root,
    env: { ...env, TMPDIR: paths.temp },
  });
  if (result.code !== 0) {
    throw new NativeUnavailableError(
      'build',
      `${compiler} could not compile the binding:\n${result.stopped ?? result.output}`,
    );
  }
}

/**
 * `$ORIGIN` makes the binding find the libraries beside it, wherever the clone is moved.
 *
 * @param {SetupContext['paths']} paths
 * @param {string} directory
 */
function compilerArguments({ modules, tfjs }, directory) {
  return [
    ...['-O2', '-std=c++17', '-fPIC', '-shared', `-DNAPI_VERSION=${NAPI_VERSION}`],
    `-I${dirname(tfjs)}`,
    `-I${join(directory, 'deps', 'include')}`,
    `-I${join(modules, 'node-api-headers', 'include')}`,
    join(tfjs, 'binding', 'tfjs_backend.cc'),
    join(tfjs, 'binding', 'tfjs_binding.cc'),
    ...['-o', join(directory, BINDING)],
    `-L${join(directory, 'deps', 'lib')}`,
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ];
}

/** @param {import('./command.mjs').CommandResult} result */
function lastLine({ stopped, output }) {
  return stopped ?? output.split('\n').at(-1);
}
