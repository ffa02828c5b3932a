import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { COMMONJS_BANNER } from './banner.mjs';

/** Bundles by name: the command, and the processes that it starts. */
const ENTRIES = {
  main: 'lib/cli/main.ts',
  'worker-process': 'lib/local/worker-process.ts',
  'program-check-process': 'lib/local/program-check-process.ts',
};

/** Packages that load files of their own, or are asked for where they are. */
const EXTERNAL = ['@tensorflow/*', 'esbuild', 'mnist', 'sharp', 'tsx'];

/** This module is to know that it is in a build. */
const KNOWS_BUILDS = /[\\/]lib[\\/]local[\\/]script\.ts$/;

/**
 * Sources look for files beside them, which are not beside a bundle.
 *
 * @param {string} root
 * @returns {import('esbuild').Plugin}
 */
const ownPlaces = (root) => ({
  name: 'own-places',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]lib[\\/].*\.(ts|mjs)$/ }, async ({ path }) => {
      // The root itself is in such a folder where npm has installed Lambduel.
      const isForeign = relative(root, path).includes('node_modules');
      if (isForeign || KNOWS_BUILDS.test(path)) return undefined;
      const source = await readFile(path, 'utf8');
      const place = JSON.stringify(pathToFileURL(path).href);
      return { contents: source.replaceAll('import.meta.url', place), loader: 'default' };
    });
  },
});

/**
 * @param {string} root the clone
 * @param {string} outdir
 */
export async function bundle(root, outdir) {
  const { build } = await import('esbuild');
  const entries = Object.entries(ENTRIES).map(([name, file]) => [name, join(root, file)]);
  await build({
    entryPoints: Object.fromEntries(entries),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    external: EXTERNAL,
    banner: { js: COMMONJS_BANNER },
    plugins: [ownPlaces(root)],
    logLevel: 'silent',
  });
}
