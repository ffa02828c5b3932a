import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File } from '../../bin/setup/files.mjs';
import { withLock } from '../../bin/setup/lock.mjs';
import { createProgress } from '../../bin/setup/progress.mjs';
import { clonePaths, fileSize } from '../../lib/installation/clone.mjs';
import { MANIFEST_FILE, type Manifest, parseManifest } from '../../lib/packed/manifest.ts';
import { sha256 } from '../../lib/wire/checksum.ts';
import { type LibraryFile, libraryFiles } from './library-files.ts';
import { type PackProgress, packLibrary } from './pack.ts';
import { stripVersion } from './strip.ts';

/** Changes when the same library is to be packed in another way. */
const VERSION = 1;

/** A library that is packed. */
export interface NativeArchive {
  /** Holds the manifest and the pieces. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/**
 * Pack files, or take what was packed of the same files before.
 *
 * @param cache where archives are kept, each in a folder that is named after what it is made from
 * @throws LambduelError where there is no library to pack
 */
export async function nativeArchive(
  cache = join(clonePaths().cache, 'packed-native'),
  files?: readonly LibraryFile[],
): Promise<NativeArchive> {
  const library = files ?? (await libraryFiles());
  const stripping = stripVersion();
  const key = await keyOf(library, stripping);
  const folder = join(cache, key);
  const kept = readArchive(folder);
  if (kept) return kept;
  const progress = createProgress();
  return withLock(
    join(cache, 'lock'),
    async () => {
      const meanwhile = readArchive(folder);
      if (meanwhile) return meanwhile;
      for (const name of readdirSync(cache)) {
        if (!name.startsWith('lock')) rmSync(join(cache, name), { recursive: true, force: true });
      }
      const draft = join(cache, 'draft');
      mkdirSync(draft);
      const done: PackProgress = { doneBytes: 0, totalBytes: 0 };
      const manifest = await progress.step(
        'Packing the native library for the workers, once',
        () => packLibrary(library, draft, { stripped: stripping !== null, progress: done }),
        () => `${Math.round(done.doneBytes / 1e6)} of ${Math.round(done.totalBytes / 1e6)} MB`,
      );
      renameSync(draft, folder);
      return { folder, manifest };
    },
    ({ pid }) => progress.say(`Process ${pid} is packing the native library; waiting for it.`),
  );
}

/** What an archive follows from: the same inputs make the same bytes. */
async function keyOf(files: readonly LibraryFile[], stripping: string | null): Promise<string> {
  const parts = files.map(async ({ path, source }) => [path, await sha256File(source)]);
  const inputs = [VERSION, process.versions.brotli, stripping, await Promise.all(parts)];
  return sha256(JSON.stringify(inputs)).slice(0, 32);
}

/** An archive that is whole. */
function readArchive(folder: string): NativeArchive | undefined {
  if (fileSize(join(folder, MANIFEST_FILE)) === null) return undefined;
  const manifest = parseManifest(readFileSync(join(folder, MANIFEST_FILE), 'utf8'));
  const pieces = manifest.files.flatMap((file) => file.pieces);
  const whole = pieces.every(
    ({ file, packedBytes }) => fileSize(join(folder, file)) === packedBytes,
  );
  return whole ? { folder, manifest } : undefined;
}
