import { createHash, randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { processAlive } from './process-alive.ts';
import {
  type ByteRange,
  checkKey,
  type ListedObject,
  ObjectChangedError,
  ObjectExistsError,
  ObjectNotFoundError,
  type Store,
  type StoredObject,
  StoreUnavailableError,
  type WriteOptions,
} from './store.ts';

const TEMPORARY = '.tmp';
const LOCKS = '.locks';

/**
 * A store in a folder: a file an object. A new object is written beside the others and then linked
 * or renamed into its place, so that nobody ever sees half of it. Replacing takes a lock, which
 * orders the processes of this machine; the folder must not be shared with another.
 */
export class DiskStore implements Store {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /**
   * Open a store, making its folder where there is none, and clear what dead processes left.
   *
   * @throws StoreUnavailableError when the folder cannot be made or written
   */
  static async open(folder: string): Promise<DiskStore> {
    const store = new DiskStore(resolve(folder));
    await store.#guard('opened', undefined, async () => {
      await mkdir(join(store.root, TEMPORARY), { recursive: true });
      await mkdir(join(store.root, LOCKS), { recursive: true });
      await store.#clearTemporary();
    });
    return store;
  }

  async get(key: string, range?: ByteRange): Promise<StoredObject> {
    return this.#guard('read', key, async () => {
      const file = await open(this.#path(key), 'r');
      try {
        const stats = await file.stat({ bigint: true });
        const bytes = await readPart(file, Number(stats.size), range);
        const ageMs = Math.max(0, Date.now() - Number(stats.mtimeMs));
        return { bytes, etag: etagOf(stats), ageMs };
      } finally {
        await file.close();
      }
    });
  }

  async create(key: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<string> {
    const durable = options.transient !== true;
    return this.#write(key, bytes, durable, async (draft, path) => {
      try {
        await link(draft, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
          throw new ObjectExistsError(key, error);
        }
        throw error;
      } finally {
        await rm(draft, { force: true });
      }
    });
  }

  async replace(key: string, bytes: Uint8Array, etag: string): Promise<string> {
    return this.#write(key, bytes, true, (draft, path) =>
      withFileLock(join(this.root, LOCKS, sha256(key)), async () => {
        const current = await stat(path, { bigint: true }).catch(() => undefined);
        if (!current || etagOf(current) !== etag) throw new ObjectChangedError(key);
        await rename(draft, path);
      }),
    );
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#write(key, bytes, true, (draft, path) => rename(draft, path));
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1));
    const objects: ListedObject[] = [];
    await this.#guard('listed', prefix, () => this.#walk(folder, prefix, objects));
    return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = this.#path(key);
      await this.#guard('removed', key, () => rm(path, { force: true }).catch(ignoreNoObject));
    }
  }

  async #walk(folder: string, prefix: string, objects: ListedObject[]): Promise<void> {
    const entries = await readdir(join(this.root, folder), { withFileTypes: true }).catch(
      ignoreGone,
    );
    for (const entry of entries ?? []) {
      const key = folder + entry.name;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) {
          await this.#walk(`${key}/`, prefix, objects);
        }
      } else if (key.startsWith(prefix)) {
        const stats = await stat(join(this.root, key)).catch(ignoreGone);
        if (stats) objects.push({ key, size: stats.size });
      }
    }
  }

  /** Write a draft beside the objects, and have `settle` move it into its place. */
  async #write(
    key: string,
    bytes: Uint8Array,
    durable: boolean,
    settle: (draft: string, path: string) => Promise<void>,
  ): Promise<string> {
    return this.#guard('written', key, async () => {
      const path = this.#path(key);
      const name = `${process.pid}-${randomBytes(8).toString('hex')}`;
      const draft = join(this.root, TEMPORARY, name);
      await mkdir(dirname(path), { recursive: true });
      try {
        const etag = await writeFile(draft, bytes, durable);
        await settle(draft, path);
        if (durable) await syncFolder(dirname(path));
        return etag;
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    });
  }

  #path(key: string): string {
    checkKey(key);
    return join(this.root, key);
  }

  /** Clear the drafts of objects (`<pid>-...`) and of locks (`<lock>.<pid>-...`) of dead processes. */
  async #clearTemporary(): Promise<void> {
    for (const folder of [TEMPORARY, LOCKS]) {
      for (const name of await readdir(join(this.root, folder))) {
        const owner = /^(?:[0-9a-f]+\.)?(\d+)-[0-9a-f]+$/.exec(name)?.[1];
        if (owner === undefined || processAlive(Number(owner))) continue;
        await rm(join(this.root, folder, name), { force: true });
      }
    }
  }

  /** Turn the file system's errors into the port's. */
  async #guard<T>(verb: string, key: string | undefined, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined || !(error instanceof Error)) throw error;
      if (key !== undefined && verb === 'read' && NOT_AN_OBJECT.has(code)) {
        throw new ObjectNotFoundError(key, error);
      }
      const what =
        key === undefined ? `The store ${this.root}` : `${key} in the store ${this.root}`;
      throw new StoreUnavailableError(`${what} cannot be ${verb}: ${error.message}`, {
        cause: error,
        hint: HINTS[code] ?? 'Choose another folder with --store.',
      });
    }
  }
}

/** What the file system says of a key that is not there, is a folder, or lies below an object. */
const NOT_AN_OBJECT = new Set(['ENOENT', 'EISDIR', 'ERR_FS_EISDIR', 'ENOTDIR']);

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, then go on with `lambduel resume`.',
  EDQUOT: 'The disk quota is used up: make room, then go on with `lambduel resume`.',
  EACCES: 'Choose a folder that you may write with --store, or change its permissions.',
  EROFS: 'The folder is on a read-only file system: choose another with --store.',
};

async function readPart(file: FileHandle, size: number, range?: ByteRange): Promise<Uint8Array> {
  const start = Math.min(range?.start ?? 0, size);
  const length = Math.min(range?.length ?? size, size - start);
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, start + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

async function writeFile(path: string, bytes: Uint8Array, durable: boolean): Promise<string> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    const now = fineTime();
    await file.utimes(now, now);
    if (durable) await file.sync();
    return etagOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // a folder cannot be opened there
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * A file is never written in place, so its inode and time of writing tell its content apart. The time
 * is `fineTime`: many kernels' own stands still for 4 ms, in which an inode may be used again.
 */
function etagOf(stats: BigIntStats): string {
  return `${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}`;
}

/** The time of day in seconds, as fine as file systems keep it: below a millisecond by another clock. */
function fineTime(): number {
  return (Date.now() + Number(process.hrtime.bigint() % 1_000_000n) / 1e6) / 1000;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function ignoreNoObject(error: NodeJS.ErrnoException): void {
  if (!NOT_AN_OBJECT.has(error.code ?? '')) throw error;
}

function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
}
