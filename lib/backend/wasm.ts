import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type { Tfjs } from '../program/program.ts';
import type { Backend } from './backend.ts';

/**
 * Load TensorFlow.js with its WebAssembly backend, on one thread: it needs no native library, and
 * its bits do not depend on the machine.
 */
export async function loadWasm(): Promise<Backend> {
  const require = createRequire(import.meta.url);
  // The same copy of tfjs-core that the backend loads. Alone it has no gradients: this registers them.
  const tf = require('@tensorflow/tfjs') as Tfjs & { version_core: string };
  const wasm = require('@tensorflow/tfjs-backend-wasm') as {
    setWasmPaths(folder: string): void;
    setThreadsCount(threads: number): void;
  };
  wasm.setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend does not start');
  return { name: 'wasm', version: tf.version_core, tf };
}
