import { lstat, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LambduelError } from '../errors.ts';
import { processAlive } from '../store/process-alive.mjs';
import type { NamedManifest } from './manifest.ts';

const PREFIX = 'lambduel-native-';
const UNPACKED = new RegExp(`^${PREFIX}[0-9a-f]{16}$`);
const STAGING = new RegExp(`^${PREFIX}[0-9a-f]{16}\\.(\\d+)-[0-9a-f]+\\.tmp$`);
/** Written last: says what is unpacked there. */
const MARKER = 'unpacked.json';

/** Where a library is unpacked to. Another library has another place. */
export function unpackedFolder(parent: string, { id }: NamedManifest): string {
  return join(parent, `${PREFIX}${id.slice(0, 16)}`);
}

/** Where this process unpacks it first. @param token makes it a new one */
export function stagingFolder(folder: string, token: string): string {
  return `${folder}.${process.pid}-${token}.tmp`;
}

/** Whether a folder of this name holds an unpacked library. */
export function isUnpackedFolder(name: string): boolean {
  return UNPACKED.test(name);
}

/** The process that unpacks into a folder of this name. @returns undefined: it is no such folder */
export function unpackingProcess(name: string): number | undefined {
  const [, pid] = STAGING.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** Note in a folder that all of the library is there. */
export async function markWhole(folder: string, { id }: NamedManifest): Promise<void> {
  await writeFile(join(folder, MARKER), markerOf(id, await bootId()));
}

/**
 * Whether a folder holds the whole library. Cheap: it compares a note and sizes, and reads no
 * library. A note of an earlier boot counts for nothing, because a loss of power may have taken
 * what had not reached the disk.
 *
 * @throws LambduelError when it belongs to another user, who could have put anything there
 */
export async function isWhole(folder: string, { id, files }: NamedManifest): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return false;
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new LambduelError(`${folder} is not a folder that only this user can write to`, {
      hint: 'Remove it, or set TMPDIR to a folder of your own.',
    });
  }
  const marker = await readFile(join(folder, MARKER), 'utf8').catch(() => '');
  if (marker !== markerOf(id, await bootId())) return false;
  const sizes = await Promise.all(
    files.map(({ path }) =>
      stat(join(folder, path)).then(
        ({ size }) => size,
        () => undefined,
      ),
    ),
  );
  return files.every(({ bytes }, i) => sizes[i] === bytes);
}

/** Remove what processes that were killed have left, and nothing that a living one writes. */
export async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = unpackingProcess(name);
    if (pid === undefined || processAlive(pid)) continue;
    // It may be another user's, or another process may remove it too.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function markerOf(id: string, boot: string): string {
  return `${JSON.stringify({ library: id, boot })}\n`;
}

/** Changes when the machine starts again. Empty where it is not known. */
async function bootId(): Promise<string> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim();
}
