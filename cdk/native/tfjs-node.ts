import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { BINDING_VARIABLE } from '../../lib/packed/load-from.ts';

const PACKAGE = '@tensorflow/tfjs-node';
/** What the backend loads: the package itself, and the classes of SavedModels. */
const MODULES = ['dist/index', 'dist/proto/api_pb'];

/**
 * Bundle tfjs-node's JavaScript into the `node_modules` of a function's folder, without its
 * binding. The module that looks for the binding is replaced by one that returns the file which
 * the environment names.
 */
export function bundleTfjsNode(folder: string): void {
  const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const target = join(folder, 'node_modules', PACKAGE);
  mkdirSync(target, { recursive: true });
  const facts = { name: PACKAGE, version, main: 'dist/index.js' };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(facts)}\n`);
  // An alias is resolved from a folder of its own: CDK's output is named relative to the clone.
  const finder = resolve(target, 'find-binding.cjs');
  writeFileSync(finder, `exports.find = () => process.env.${BINDING_VARIABLE};\n`);
  buildSync({
    entryPoints: MODULES.map((name) => ({ in: join(dirname(manifest), `${name}.js`), out: name })),
    outdir: target,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    alias: { '@mapbox/node-pre-gyp': finder },
    legalComments: 'none',
    logLevel: 'error',
  });
}
