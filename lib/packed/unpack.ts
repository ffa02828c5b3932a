import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, statfs, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withLockFile } from '../store/lock-file.mjs';
import { processAlive } from '../store/process-alive.mjs';
import { DamagedLibraryError, NoRoomError } from './errors.ts';
import { MANIFEST_FILE, type NamedManifest, parseManifest, unpackedBytes } from './manifest.ts';
import { unpackPieces } from './unpack-pieces.ts';
import {
  isWhole,
  markWhole,
  removeLeftovers,
  stagingFolder,
  unpackedFolder,
} from './unpacked-folder.ts';

const LOOK_MS = 50;
/** Who unpacks shows after each piece that it lives. Its id may be another process's by now. */
const SILENT_MS = 30_000;

/** A library that can be loaded. */
export interface UnpackedLibrary {
  readonly folder: string;
  /** What it took to have it there; next to nothing if it was. */
  readonly unpackMs: number;
}

/**
 * Unpack a packed library once for all processes that share a folder for temporary files. It
 * appears whole or not at all: it is unpacked under another name and renamed. Whoever comes
 * meanwhile waits. The lock only saves work: two that unpack at once do no harm.
 *
 * @param archive the folder of manifest and pieces
 * @param parent where the library is unpacked to
 * @throws NoRoomError, DamagedLibraryError
 */
export async function unpackLibrary(archive: string, parent = tmpdir()): Promise<UnpackedLibrary> {
  const startedAt = performance.now();
  const manifest = parseManifest(await readManifest(archive));
  const folder = unpackedFolder(parent, manifest);
  if (!(await isWhole(folder, manifest))) {
    try {
      await unpackLocked(folder, archive, manifest);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
      throw new NoRoomError(parent, unpackedBytes(manifest), undefined, cause);
    }
  }
  return { folder, unpackMs: performance.now() - startedAt };
}

/** Unpack it, unless another process has done so meanwhile. */
async function unpackLocked(
  folder: string,
  archive: string,
  manifest: NamedManifest,
): Promise<void> {
  const lock = `${folder}.lock`;
  const options = {
    retryMs: LOOK_MS,
    isAbandoned: (holder: { pid: number } | null, ageMs: number) =>
      holder === null || !processAlive(holder.pid) || ageMs > SILENT_MS,
    onWait: () => {},
  };
  await withLockFile(lock, options, async () => {
    await removeLeftovers(dirname(folder));
    if (await isWhole(folder, manifest)) return;
    await unpackInto(folder, archive, manifest, () => showLife(lock));
  });
}

async function unpackInto(
  folder: string,
  archive: string,
  manifest: NamedManifest,
  onPiece: () => Promise<void>,
): Promise<void> {
  const staging = stagingFolder(folder, randomBytes(4).toString('hex'));
  try {
    // What is there was changed by somebody. Processes that have loaded it keep their files.
    await rm(folder, { recursive: true, force: true });
    await assertRoom(dirname(folder), unpackedBytes(manifest));
    await mkdir(staging, { mode: 0o700 });
    await unpackPieces(archive, manifest, staging, onPiece);
    await markWhole(staging, manifest);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    // Another process was quicker, after this one was stopped for long and lost the lock.
    const lost = code === 'ENOTEMPTY' || code === 'EEXIST';
    if (!lost || !(await isWhole(folder, manifest))) throw error;
  }
}

/** Said before anything is written, because a full folder is worse than none. */
async function assertRoom(parent: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(parent);
  const free = bavail * bsize;
  if (free < needed) throw new NoRoomError(parent, needed, free);
}

async function readManifest(archive: string): Promise<string> {
  try {
    return await readFile(join(archive, MANIFEST_FILE), 'utf8');
  } catch (cause) {
    throw new DamagedLibraryError(`${MANIFEST_FILE} cannot be read`, cause);
  }
}

async function showLife(lock: string): Promise<void> {
  const now = new Date();
  await utimes(lock, now, now).catch(() => {}); // somebody has taken the lock over
}
