import { LambduelError, messageOf } from '../errors.ts';
import type { Backend } from './backend.ts';
import { loadNative } from './native.ts';
import { loadWasm } from './wasm.ts';

/**
 * Load a backend. A process loads one backend, once: two copies of TensorFlow.js do not know each
 * other's tensors.
 *
 * @throws LambduelError when it cannot be loaded, with what to do
 */
export async function loadBackend(name: 'native' | 'wasm', threads: number): Promise<Backend> {
  try {
    return name === 'native' ? await loadNative(threads) : await loadWasm();
  } catch (cause) {
    throw new LambduelError(`The ${name} backend cannot be loaded: ${messageOf(cause)}`, {
      cause,
      hint: 'See what is missing with `lambduel doctor`, or use --backend wasm.',
    });
  }
}
