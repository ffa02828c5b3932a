/**
 * What to tell somebody who ends up without the native backend.
 */

/**
 * @typedef {'platform' | 'cpu' | 'python' | 'pip' | 'compiler' | 'download' | 'disk' | 'build' | 'load' | 'skipped' | 'unknown'} NativeProblem
 */

/** Measured: one iteration of mlp-gan (1 D + 2 G updates, batch 128) on two cores. */
const NATIVE_MS = 57;
const WASM_MS = 392;

const RETRY = 'then run `node bin/setup.mjs --retry`';

/** @type {Record<NativeProblem, string>} */
const REMEDIES = {
  platform: `Use Linux on x86-64, or a network that reaches storage.googleapis.com, ${RETRY}.`,
  cpu: 'Use a machine whose processor has AVX (any x86-64 server or laptop since about 2013).',
  python: `Install Python 3 with pip (Debian and Ubuntu: \`sudo apt-get install python3 python3-pip\`), ${RETRY}.`,
  pip: `Install pip (Debian and Ubuntu: \`sudo apt-get install python3-pip\`; elsewhere \`python3 -m ensurepip\`), ${RETRY}.`,
  compiler: `Install a C++ compiler (Debian and Ubuntu: \`sudo apt-get install g++\`; Fedora: \`sudo dnf install gcc-c++\`), ${RETRY}.`,
  download: `Check that \`python3 -m pip download --no-deps tensorflow-cpu==2.15.1\` can reach its package index (a proxy or PIP_INDEX_URL may have to be set), ${RETRY}.`,
  disk: `Free some disk space, ${RETRY}.`,
  build: `Read the compiler's message above; a newer C++ compiler (GCC 9 or later) often helps, ${RETRY}.`,
  load: `Delete the directory .cache/native, ${RETRY}.`,
  skipped: 'Unset LAMBDUEL_BACKEND, then run `node bin/setup.mjs`.',
  unknown: 'Run `node bin/setup.mjs --retry`.',
};

/** @param {NativeProblem} kind */
export function remedyFor(kind) {
  return REMEDIES[kind];
}

/**
 * The whole message for somebody who gets WebAssembly: what it costs, why, and the way out.
 *
 * @param {{reason: string | null, remedy: string | null}} native
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
