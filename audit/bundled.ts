import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * The packages of which something is in the functions' bundles, by their places, as
 * `node_modules/zod`. Found by bundling them, as a deployment does, into nothing.
 */
export async function bundledPackages(root: string): Promise<Set<string>> {
  const functions = readdirSync(join(root, 'functions')).filter((name) => name.endsWith('.ts'));
  const { metafile } = await build({
    entryPoints: functions.map((name) => join(root, 'functions', name)),
    absWorkingDir: root,
    outdir: 'nowhere',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'error',
  });
  const shipped = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  return new Set(shipped.flatMap(([file]) => placeOf(file) ?? []));
}

/** Where the package of a file is: up to the last `node_modules/`, and the name after it. */
function placeOf(file: string): string | undefined {
  return /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
}
