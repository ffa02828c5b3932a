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
 * A store in a folder, with one file per object. A new object is written beside the others and then
 * linked or renamed into its place, so that nobody ever sees half of it. Replacing an object takes
 * a lock that holds for processes of this machine. The folder must not be shared with another
 * machine.
 */
export class DiskStore implements Store {
  readonly root: string;
  readonly #spare: SpareFiles;

  private constructor(root: string) {
    this.root = root;
    this.#spare = new SpareFiles(join(root, SPARE));
  }

  /**
   * Open a store, make its folder if necessary, and remove what dead processes left.
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
    await setImmediate(); // the read itself is synchronous: let others run in between
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
          // Not on this thread, which would wait while the disk is busy.
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

  /** Remove the spare files of removed objects. */
  async tidy(): Promise<void> {
    await this.#spare.clear();
  }

  /** Remove a transient object, and keep its file for another one. */
  #removeNow(key: string): void {
    const path = this.#path(key);
    try {
      this.#spare.keep(path);
    } catch (error) {
      ignoreNoObject(error as NodeJS.ErrnoException);
    }
  }

  /** A new object may need such a folder at this moment. Its writer makes the folder again. */
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

  /** Written on this thread: see `writeNow` for the reason. */
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

  /** Remove dead processes' drafts of objects (`<pid>-...`) and of locks (`<lock>.<pid>-...`). */
  async #clearTemporary(): Promise<void> {
    for (const folder of [TEMPORARY, LOCKS]) {
      for (const name of await readdir(join(this.root, folder))) {
        const owner = /^(?:[0-9a-f]+\.)?(\d+)-[0-9a-f]+$/.exec(name)?.[1];
        if (owner === undefined || processAlive(Number(owner))) continue;
        await rm(join(this.root, folder, name), { force: true });
      }
    }
  }

  /** Turn errors of the file system into errors of the port. */
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

/** Error codes for a key that does not exist, is a folder, or lies below an object. */
const NOT_AN_OBJECT = new Set(['ENOENT', 'EISDIR', 'ERR_FS_EISDIR', 'ENOTDIR']);

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, then continue with `lambduel resume`.',
  EDQUOT: 'The disk quota is used up: make room, then continue with `lambduel resume`.',
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

/** Whether an object's empty folder was removed after it was made: then another try helps. */
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
