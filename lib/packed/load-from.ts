import { join } from 'node:path';
import { BINDING_FILE } from './manifest.ts';

/** Names the file of the binding to a tfjs-node that was bundled without one. */
export const BINDING_VARIABLE = 'LAMBDUEL_TFJS_BINDING';

/** Let tfjs-node load its binding from an unpacked library. Called before it is loaded. */
export function loadBindingFrom(folder: string): void {
  process.env[BINDING_VARIABLE] = join(folder, BINDING_FILE);
}
