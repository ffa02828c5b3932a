import { nativeIsInstalled } from '../installation/native-library.mjs';

export { nativeIsInstalled };

/** The backend to use: the one that is asked for, otherwise native where it is installed. */
export function chooseBackend(wanted: 'auto' | 'native' | 'wasm'): 'native' | 'wasm' {
  if (wanted !== 'auto') return wanted;
  return nativeIsInstalled() ? 'native' : 'wasm';
}
