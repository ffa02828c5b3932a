import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { awsAttempts } from '../aws/errors.ts';
import { type FailedItem, retrying, retryingItems } from '../aws/retry.ts';
import { isConflict, isNoObject, isRefused, mayPass, storeError } from './s3-errors.ts';
import { BrokenBodyError, readObject } from './s3-read.ts';
import { TRANSIENT_TAG } from './s3-tag.ts';
import {
  checkKey,
  InvalidKeyError,
  type ListedObject,
  ObjectChangedError,
  ObjectExistsError,
  ObjectNotFoundError,
  type Store,
  type StoredObject,
  StoreUnavailableError,
  type WriteOptions,
} from './store.ts';

/** S3's own limits: objects removed by one request, and listed by one. */
const REMOVED_AT_ONCE = 1000;
const LISTED_AT_ONCE = 1000;

const TAGGING = new URLSearchParams(TRANSIENT_TAG).toString();

type PutOptions = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch' | 'Tagging'>;

/** Options of an {@link S3Store}. */
export interface S3StoreOptions {
  /** How many objects one request lists. Default: 1000, the most that S3 allows. */
  readonly pageSize?: number;
}

/**
 * A store in an S3 bucket. An object's ETag follows from its content, so writing the same content
 * again does not change it. Users of the store need `s3:ListBucket` too: without it, S3 answers
 * "access denied" for an object that does not exist.
 *
 * The client repeats requests that fail temporarily. This class also handles conflicts (409),
 * answers that break off, and objects that a batch could not remove.
 */
export class S3Store implements Store {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #pageSize: number;

  constructor(client: S3Client, bucket: string, options: S3StoreOptions = {}) {
    this.bucket = bucket;
    this.#client = client;
    this.#pageSize = options.pageSize ?? LISTED_AT_ONCE;
  }

  async get(key: string): Promise<StoredObject> {
    checkKey(key);
    const id = { Bucket: this.bucket, Key: key };
    return this.#guard('read', key, () =>
      retrying(
        () => readObject(this.#client, new GetObjectCommand(id)),
        (error) => error instanceof BrokenBodyError,
      ),
    );
  }

  async create(key: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<string> {
    checkKey(key);
    const tag = options.transient ? { Tagging: TAGGING } : {};
    return this.#guard('written', key, async () => {
      let sent = 0;
      try {
        return await retrying(() => {
          sent++;
          return this.#write(key, bytes, { ...tag, IfNoneMatch: '*' });
        }, isConflict);
      } catch (error) {
        if (isRefused(error) && sent - 1 + awsAttempts(error) > 1) {
          // An earlier attempt may have succeeded, and only its answer was lost.
          const own = await this.#etagOfSame(key, bytes);
          if (own !== undefined) return own;
        }
        throw isRefused(error) || isConflict(error) ? new ObjectExistsError(key, error) : error;
      }
    });
  }

  /** When the answer is lost, a repeated request finds a changed object: the caller compares. */
  async replace(key: string, bytes: Uint8Array, etag: string): Promise<string> {
    checkKey(key);
    return this.#guard('written', key, async () => {
      try {
        return await retrying(() => this.#write(key, bytes, { IfMatch: etag }), isConflict);
      } catch (error) {
        const changed = isRefused(error) || isConflict(error) || isNoObject(error);
        throw changed ? new ObjectChangedError(key, error) : error;
      }
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    await this.#guard('written', key, () => this.#write(key, bytes));
  }

  async list(prefix: string): Promise<ListedObject[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkKey(folder.slice(0, -1));
    return this.#guard('listed', undefined, async () => {
      const objects: ListedObject[] = [];
      let token: string | undefined;
      do {
        const page: ListObjectsV2CommandOutput = await this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.bucket,
            Prefix: prefix,
            MaxKeys: this.#pageSize,
            ContinuationToken: token,
          }),
        );
        for (const { Key = '', Size = 0 } of page.Contents ?? []) {
          if (isKey(Key)) objects.push({ key: Key, size: Size });
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return objects;
    });
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    for (let i = 0; i < keys.length; i += REMOVED_AT_ONCE) {
      const batch = keys.slice(i, i + REMOVED_AT_ONCE);
      const left = await this.#guard('changed', undefined, () =>
        retryingItems(batch, (some) => this.#removeBatch(some)),
      );
      const [first] = left;
      if (!first) continue;
      const others = left.length > 1 ? ` (and ${left.length - 1} more)` : '';
      throw new StoreUnavailableError(
        `${first.item}${others} in the bucket ${this.bucket} cannot be removed: ${first.reason}`,
        { hint: 'Check that the role or user in use may delete objects of this bucket.' },
      );
    }
  }

  async #removeBatch(keys: readonly string[]): Promise<FailedItem<string>[]> {
    const { Errors = [] } = await this.#client.send(
      new DeleteObjectsCommand({
        Bucket: this.bucket,
        Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
      }),
    );
    return Errors.map(({ Key = '', Code = '', Message = '' }) => ({
      item: Key,
      reason: `${Code}: ${Message}`,
      mayPass: mayPass(Code),
    }));
  }

  async #write(key: string, bytes: Uint8Array, options: PutOptions = {}): Promise<string> {
    const { ETag = '' } = await this.#client.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: bytes,
        ChecksumAlgorithm: 'CRC32',
        ContentType: contentType(key),
        ...options,
      }),
    );
    return ETag;
  }

  /** The ETag of an object if it is made of these bytes. */
  async #etagOfSame(key: string, bytes: Uint8Array): Promise<string | undefined> {
    try {
      const object = await this.get(key);
      return Buffer.compare(object.bytes, bytes) === 0 ? object.etag : undefined;
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined; // removed since
      throw error;
    }
  }

  /** Turn errors of S3 into errors of the port. */
  async #guard<T>(verb: string, key: string | undefined, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw storeError(error, { bucket: this.bucket, verb, ...(key === undefined ? {} : { key }) });
    }
  }
}

/** The bucket may hold objects that no store can name, such as "folders" made by the console. */
function isKey(key: string): boolean {
  try {
    checkKey(key);
    return true;
  } catch (error) {
    if (error instanceof InvalidKeyError) return false;
    throw error;
  }
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  html: 'text/html; charset=utf-8',
  png: 'image/png',
};

/** The content type that browsers and other tools see. */
function contentType(key: string): string {
  return CONTENT_TYPES[key.slice(key.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}
