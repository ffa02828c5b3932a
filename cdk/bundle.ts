import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { COMMONJS_BANNER } from '../bin/build/banner.mjs';
import { DIGITS_FILE, readPackagedDigits } from '../lib/data/digits.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { resolve } = createRequire(import.meta.url);

/** What is bundled. Each has a folder of its own. */
export type FunctionName = 'coordinator' | 'worker' | 'watchdog';

/** Makes a function's code. @returns the folder to deploy */
export type Bundle = (name: FunctionName) => string;

/** The modules of each folder, whose handlers are `<module>.handler`, by their files in `functions/`. */
const MODULES: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  coordinator: { index: 'coordinator' },
  // Two functions of the same code, which is deployed once.
  worker: { index: 'worker', resident: 'resident-worker' },
  watchdog: { index: 'watchdog' },
};

/** Files that a function reads when it runs, from packages that are bundled. */
const PACKAGE_FILES: Readonly<Record<FunctionName, readonly string[]>> = {
  coordinator: ['uplot/package.json', 'uplot/dist/uPlot.iife.min.js', 'uplot/dist/uPlot.min.css'],
  worker: [
    '@tensorflow/tfjs-backend-wasm/package.json',
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
    '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  ],
  watchdog: [],
};

/**
 * Make a function's code in a folder of its name: minified modules with everything that they
 * import, including the AWS SDK, so that what runs is what was tested. The native backend is not
 * in it; `native/library.ts` adds it to the workers' folder.
 *
 * @param parent where the folder is made
 * @returns the folder to deploy, see {@link MODULES}; the same for the same sources
 */
export function bundleFunction(name: FunctionName, parent: string): string {
  const folder = join(parent, name);
  rmSync(folder, { recursive: true, force: true });
  buildSync({
    entryPoints: Object.entries(MODULES[name]).map(([out, file]) => ({
      in: join(ROOT, 'functions', `${file}.ts`),
      out,
    })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    keepNames: true, // errors are recognized by the names of their classes
    platform: 'node',
    format: 'esm',
    target: 'node22',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: COMMONJS_BANNER },
    logLevel: 'error',
  });
  for (const file of PACKAGE_FILES[name]) copyPackageFile(file, folder);
  if (name === 'coordinator') {
    writeFileSync(join(folder, DIGITS_FILE), gzipSync(readPackagedDigits()));
  }
  return folder;
}

function copyPackageFile(file: string, folder: string): void {
  const target = join(folder, 'node_modules', file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(resolve(file), target);
}
