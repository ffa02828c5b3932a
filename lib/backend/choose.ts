import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Whether the native library of `@tensorflow/tfjs-node` is installed. Loads nothing. */
export function nativeIsInstalled(): boolean {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
    return existsSync(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'));
  } catch {
    return false;
  }
}

/** The backend to use: the one that is asked for, otherwise native where it is installed. */
export function chooseBackend(wanted: 'auto' | 'native' | 'wasm'): 'native' | 'wasm' {
  if (wanted !== 'auto') return wanted;
  return nativeIsInstalled() ? 'native' : 'wasm';
}
