import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { NAPI_VERSION } from './clone.mjs';

/** Whether the native library of `@tensorflow/tfjs-node` is installed. Loads nothing. */
export function nativeIsInstalled() {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
    return existsSync(join(folder, 'lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node'));
  } catch {
    return false;
  }
}
