import { fileURLToPath } from 'node:url';

const IS_SOURCE = import.meta.url.endsWith('.ts');

/** What `child_process.fork` needs to run a script. */
export interface Script {
  readonly path: string;
  readonly execArgv: string[];
}

/**
 * The script of a process of this folder: in a build the bundle beside this one, otherwise the
 * TypeScript source.
 */
export function scriptOf(name: 'worker-process' | 'program-check-process'): Script {
  const url = new URL(`./${name}${IS_SOURCE ? '.ts' : '.mjs'}`, import.meta.url);
  return {
    path: fileURLToPath(url),
    execArgv: IS_SOURCE ? ['--import', import.meta.resolve('tsx')] : [],
  };
}
