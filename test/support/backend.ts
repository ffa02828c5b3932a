import type { Backend } from '../../lib/backend/backend.ts';
import { chooseBackend } from '../../lib/backend/choose.ts';
import { loadBackend } from '../../lib/backend/load.ts';

/** The backend that this machine has: native where it is installed, otherwise WebAssembly. */
export function availableBackend(): Promise<Backend> {
  return loadBackend(chooseBackend('auto'), 1);
}
