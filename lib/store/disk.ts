import { createHash, randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, unlinkSync } from 'node:fs';
import { link, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { etagOf, readNow, syncFolder, writeDurably, writeNow } from './disk-files.ts';
import { withFileLock } from './file-lock.ts';
import { processAlive } from './process-alive.mjs';
import { SpareFiles } from './spare-files.ts';
import {
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
const SPARE = '.spare';
const FOLDER_ATTEMPTS = 20;

/**
 * A store in a folder: a file an object. A new object is written beside the others and then linked
 * or renamed into its place, so that nobody ever sees half of it. Replacing takes a lock, which
 * orders the processes of this machine; the folder must not be shared with another.
 */
export class DiskStore implements Store {
  readonly root: string;
  readonly #spare: SpareFiles;

  private constructor(root: string) {
    this.root = root;
    this.#spare = new SpareFiles(join(root, SPARE));
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
      store.#spare.open();
      await store.#clearTemporary();
    });
    return store;
  }

  async get(key: string, memory?: Uint8Array): Promise<StoredObject> {
    await setImmediate(); // the read itself does not wait: a loop of reads must let others run
    return this.#guard('read', key, async () => {
      const { bytes, stats } = readNow(this.#path(key), memory);
      const ageMs = Math.max(0, Date.now() - Number(stats.mtimeMs));
      return { bytes, etag: etagOf(stats), ageMs };
    });
  }

  async create(key: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<string> {
    if (options.transient) {
      await setImmediate(); // as for reads
      return this.#guard('written', key, async () => this.#createNow(key, bytes));
    }
    return this.#write(key, bytes, async (draft, path) => {
      await link(draft, path).catch((error: unknown) => {
        throw existsError(key, error);
      });
      await rm(draft, { force: true });
    });
  }

  async replace(key: string, bytes: Uint8Array, etag: string): Promise<string> {
    return this.#write(key, bytes, (draft, path) =>
      withFileLock(join(this.root, LOCKS, sha256(key)), async () => {
        const current = await stat(path, { bigint: true }).catch(() => undefined);
        if (!current || etagOf(current) !== etag) throw new ObjectChangedError(key);
        await rename(draft, path);
      }),
    );
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#write(key, bytes, (draft, path) => rename(draft, path));
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1));
    const objects: ListedObject[] = [];
    await this.#guard('listed', prefix, () => this.#walk(folder, prefix, objects));
    return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async remove(keys: readonly string[], options: WriteOptions = {}): Promise<void> {
    if (options.transient) {
      await setImmediate(); // as for reads
      for (const key of keys) {
        await this.#guard('removed', key, async () => {
          this.#removeNow(key);
          // Not on this thread: it waits where the disk is busy.
          await this.#removeEmptyFolders(dirname(this.#path(key)));
        });
      }
      return;
    }
    for (const key of keys) {
      const path = this.#path(key);
      await this.#guard('removed', key, async () => {
        await rm(path, { force: true }).catch(ignoreNoObject);
        await this.#removeEmptyFolders(dirname(path));
      });
    }
  }

  /** Let go of what objects that were removed have left for new ones. */
  async tidy(): Promise<void> {
    await this.#spare.clear();
  }

  /** Take a transient object away, and keep its file for another. */
  #removeNow(key: string): void {
    const path = this.#path(key);
    try {
      this.#spare.keep(path);
    } catch (error) {
      ignoreNoObject(error as NodeJS.ErrnoException);
    }
  }

  /** A folder that a new object needs may go just now: whoever makes one tries again. */
  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at.length > this.root.length; at = dirname(at)) {
      const removed = await rmdir(at).then(
        () => true,
        () => false,
      );
      if (!removed) return;
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
    settle: (draft: string, path: string) => Promise<void>,
  ): Promise<string> {
    return this.#guard('written', key, async () => {
      const path = this.#path(key);
      const draft = this.#draft();
      try {
        const etag = await writeDurably(draft, bytes);
        for (let attempt = 1; ; attempt++) {
          try {
            await mkdir(dirname(path), { recursive: true });
            await settle(draft, path);
            break;
          } catch (error) {
            if (!folderWent(error, attempt)) throw error;
          }
        }
        await syncFolder(dirname(path));
        return etag;
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    });
  }

  /** A step writes a megabyte or two: see `writeNow` for why without leaving this thread. */
  #createNow(key: string, bytes: Uint8Array): string {
    const path = this.#path(key);
    const draft = this.#draft();
    const isThere = this.#spare.take(bytes.length, draft);
    try {
      const etag = writeNow(draft, bytes, isThere);
      for (let attempt = 1; ; attempt++) {
        try {
          linkSync(draft, path);
          return etag;
        } catch (error) {
          if (!folderWent(error, attempt)) throw existsError(key, error);
          mkdirSync(dirname(path), { recursive: true });
        }
      }
    } finally {
      removeDraft(draft);
    }
  }

  #draft(): string {
    return join(this.root, TEMPORARY, `${process.pid}-${randomBytes(8).toString('hex')}`);
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

function removeDraft(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not even written.
  }
}

function existsError(key: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EEXIST' ? new ObjectExistsError(key, error) : error;
}

/** Whether an object's folder was taken away, being empty, after it was made: worth another try. */
function folderWent(error: unknown, attempt: number): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT' && attempt < FOLDER_ATTEMPTS;
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
