import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { Tfjs } from '../program/program.ts';
import type { Backend } from './backend.ts';
import { registerConvFilterGradient } from './wasm-conv-filter.ts';

interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(threads: number): void;
}

/**
 * Load TensorFlow.js with its WebAssembly backend, on one thread: it needs no native library, and
 * its bits do not depend on the machine.
 */
export async function loadWasm(): Promise<Backend> {
  // Imported, not required, so that a bundler finds them. Both load the same copy of tfjs-core, which
  // alone has no gradients: the first registers them.
  const tf = exportsOf<Tfjs & { version_core: string }>(await import('@tensorflow/tfjs'));
  const wasm = exportsOf<WasmBackend>(await import('@tensorflow/tfjs-backend-wasm'));
  registerConvFilterGradient(tf);
  wasm.setWasmPaths(binariesFolder());
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend does not start');
  return { name: 'wasm', version: tf.version_core, tf };
}

/** The folder of the .wasm files, which are read when the backend starts. */
function binariesFolder(): string {
  const { resolve } = createRequire(import.meta.url);
  const manifest = resolve('@tensorflow/tfjs-backend-wasm/package.json');
  return join(dirname(manifest), 'dist') + sep;
}

/** What a module exports: Node.js shows a CommonJS module's exports as its default export. */
function exportsOf<T>(module: object): T {
  return ('default' in module ? module.default : module) as T;
}
