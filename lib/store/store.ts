import { LambduelError } from '../errors.ts';

/** An object as it was read. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  /** Changes whenever the object does. */
  readonly etag: string;
  /** Milliseconds since it was written, by the store's own clock, not the reader's. */
  readonly ageMs: number;
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
}

/** How an object is written, and removed. */
export interface WriteOptions {
  /**
   * The object can be made again, so it need not survive a loss of power. Its readers check its
   * bytes by a checksum: a read during its removal may return other bytes. Default: false.
   */
  readonly transient?: boolean;
}

/**
 * A store of objects by key, on disk or in S3. Every write is atomic: a reader sees a whole object
 * or none. A run's data is written with {@link Store.create}, its head with {@link Store.replace}.
 * {@link Store.put} is for objects that can be made again at any time, such as a report.
 */
export interface Store {
  /**
   * @param memory is used for the bytes if it has exactly their size. Reading into fresh memory takes
   *   longer
   * @throws ObjectNotFoundError
   */
  get(key: string, memory?: Uint8Array): Promise<StoredObject>;
  /**
   * Write an object that must not exist yet.
   *
   * @returns its ETag
   * @throws ObjectExistsError
   */
  create(key: string, bytes: Uint8Array, options?: WriteOptions): Promise<string>;
  /**
   * Replace an object that must still be the one that was read.
   *
   * @returns its new ETag
   * @throws ObjectChangedError when it has changed or was removed
   */
  replace(key: string, bytes: Uint8Array, etag: string): Promise<string>;
  /** Write an object, and replace any earlier one. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * All objects whose keys begin with the prefix, which may end in the middle of a name, by key.
   */
  list(prefix: string): Promise<ListedObject[]>;
  /**
   * Remove objects. Those that do not exist are no error.
   *
   * @param options `transient` for objects that were written with it
   */
  remove(keys: readonly string[], options?: WriteOptions): Promise<void>;
}

/** There is no object with this key. */
export class ObjectNotFoundError extends LambduelError {
  constructor(
    readonly key: string,
    cause?: unknown,
  ) {
    super(`There is no object ${key}`, { cause });
  }
}

/** An object that is written once exists already. */
export class ObjectExistsError extends LambduelError {
  constructor(
    readonly key: string,
    cause?: unknown,
  ) {
    super(`Object ${key} exists already`, { cause });
  }
}

/** The object to replace has changed since it was read. */
export class ObjectChangedError extends LambduelError {
  constructor(
    readonly key: string,
    cause?: unknown,
  ) {
    super(`Object ${key} has been changed by someone else`, { cause });
  }
}

/** The store cannot be read or written at all: no permission, no space, no connection. */
export class StoreUnavailableError extends LambduelError {}

/** File systems take names of up to 255 bytes. */
const NAME = '[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}';
const KEY = new RegExp(`^${NAME}(?:/${NAME})*$`);
const MAX_KEY_LENGTH = 512;

/** A key with a form that the store does not take. */
export class InvalidKeyError extends LambduelError {
  constructor(key: string) {
    super(`${JSON.stringify(key.slice(0, 80))} is not a valid object key`, {
      hint: 'Keys are names of up to 200 letters, digits, ".", "_" and "-", joined by "/"; none begins with ".".',
    });
  }
}

/**
 * Throw unless a key is plain names joined by slashes. Such a key cannot leave the store's root,
 * and means the same on every adapter.
 */
export function checkKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH || !KEY.test(key)) throw new InvalidKeyError(key);
}
