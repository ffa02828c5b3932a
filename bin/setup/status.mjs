/**
 * What set-up knows, for `lambduel doctor`.
 */
import { nativeIsUnwanted, rememberedNative } from './native.mjs';
import { nativeIsInPlace } from './native-store.mjs';
import { lockfileHash } from './packages.mjs';
import { clonePaths } from './paths.mjs';
import { remedyFor } from './remedies.mjs';

export { findTool } from './tools.mjs';

/** See status.d.mts. */
export function nativeStatus(paths = clonePaths(), env = process.env) {
  const native = rememberedNative(paths, lockfileHash(paths));
  if (nativeIsUnwanted(env)) {
    return unavailable('LAMBDUEL_BACKEND=wasm asks for WebAssembly', remedyFor('skipped'));
  }
  if (native === null) {
    return unavailable('set-up has not looked for it yet', remedyFor('unknown'));
  }
  if (native.available && !nativeIsInPlace(paths)) {
    return unavailable('its files were deleted since set-up', remedyFor('unknown'));
  }
  return native;
}

function unavailable(reason, remedy) {
  return { available: false, how: null, reason, remedy };
}
