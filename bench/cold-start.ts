/**
 * The cold start of a native worker from a zip, part by part, in milliseconds: `npm run
 * bench:cold-start`. First each file of the library is unpacked by itself; then workers start and do
 * a job, the first with nothing unpacked.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { nativeArchive } from '../cdk/native/archive.ts';
import { bundleTfjsNode } from '../cdk/native/tfjs-node.ts';
import { unpackPieces } from '../lib/packed/unpack-pieces.ts';
import { DiskStore } from '../lib/store/disk.ts';
import { realJob } from '../support/real-job.ts';
import { print, round } from './processes.ts';

const STARTS = 4;
const ENTRY = fileURLToPath(new URL('cold-start-process.ts', import.meta.url));

const scratch = mkdtempSync(join(tmpdir(), 'lambduel-cold-start-'));
try {
  const { folder: archive, manifest } = await nativeArchive();
  for (const file of manifest.files) {
    const target = join(scratch, 'file');
    mkdirSync(target);
    const startedAt = performance.now();
    await unpackPieces(archive, { ...manifest, files: [file] }, target, async () => {});
    const ms = round(performance.now() - startedAt);
    print({
      bench: 'cold-start',
      part: 'unpack',
      file: basename(file.path),
      bytes: file.bytes,
      ms,
    });
    rmSync(target, { recursive: true });
  }
  const code = join(scratch, 'function');
  bundleTfjsNode(code);
  const script = join(code, 'index.mjs');
  buildSync({
    entryPoints: [ENTRY],
    outfile: script,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    keepNames: true,
    logLevel: 'error',
  });
  const storeFolder = join(scratch, 'store');
  const job = JSON.stringify(await realJob(await DiskStore.open(storeFolder)));
  for (let start = 0; start < STARTS; start++) {
    const args = [script, archive, scratch, storeFolder, job];
    const parts = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<
      string,
      number
    >;
    const rounded = Object.entries(parts).map(([name, ms]) => [name, round(ms)]);
    print({
      bench: 'cold-start',
      part: 'worker',
      unpacked: start > 0,
      ...Object.fromEntries(rounded),
    });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
