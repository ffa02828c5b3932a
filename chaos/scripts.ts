import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { COMMONJS_BANNER } from '../bin/build/banner.mjs';

/** The processes' scripts, bundled, as the functions' are. */
export interface Scripts {
  readonly coordinator: string;
  readonly worker: string;
  remove(): Promise<void>;
}

const ENTRIES = ['coordinator-process', 'worker-process'];

/**
 * Bundle the processes' scripts: a process then starts in a quarter of the time that tsx takes, and
 * there are hundreds.
 */
export async function bundleScripts(): Promise<Scripts> {
  const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
  await mkdir(cache, { recursive: true });
  const outdir = await mkdtemp(join(cache, 'lambduel-chaos-'));
  await build({
    entryPoints: ENTRIES.map((name) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url))),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@tensorflow/*', 'mnist', 'tsx'],
    banner: { js: COMMONJS_BANNER },
    logLevel: 'error',
  });
  return {
    coordinator: join(outdir, 'coordinator-process.mjs'),
    worker: join(outdir, 'worker-process.mjs'),
    remove: () => rm(outdir, { recursive: true, force: true }),
  };
}
