/**
 * File habits that make an interrupted set-up harmless: a file appears whole or not at all.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Writes to a name of its own and renames, so that no reader meets half a file.
 *
 * @param {string} path
 * @param {unknown} value
 */
export function writeJson(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, path);
}

/**
 * Moves a finished file; across file systems it is copied beside its place first.
 *
 * @param {string} from
 * @param {string} to
 */
export function moveFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EXDEV') {
      throw error;
    }
    const temporary = `${to}.${process.pid}.tmp`;
    try {
      copyFileSync(from, temporary);
      renameSync(temporary, to);
    } finally {
      rmSync(temporary, { force: true });
    }
    rmSync(from, { force: true });
  }
}

/** @param {string | Buffer} content */
export function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * The wheel is 207 MB: it is read as a stream, not at once.
 *
 * @param {string} path
 */
export async function sha256File(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * The files below a directory as paths relative to it, links included; none if it is missing.
 *
 * @param {string} directory
 */
export function listFiles(directory) {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(directory.length + 1));
  } catch {
    return [];
  }
}

/**
 * Bytes below a directory, links not followed, for showing a download's progress. Files may vanish
 * meanwhile.
 *
 * @param {string} directory
 */
export function directorySize(directory) {
  const sizes = listFiles(directory).map(
    (file) => lstatSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * The same tree in a second place without a second copy of 600 MB: hard links, or copies where the
 * file system has none. Not symbolic links: the loader finds the library relative to the binding
 * (`$ORIGIN`), and a packed or copied node_modules must stay whole.
 *
 * @param {string} from
 * @param {string} to
 */
export function linkTree(from, to) {
  for (const file of listFiles(from)) {
    const source = join(from, file);
    const target = join(to, file);
    mkdirSync(dirname(target), { recursive: true });
    rmSync(target, { force: true });
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target);
    }
  }
}
