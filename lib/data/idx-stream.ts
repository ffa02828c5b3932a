import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidDataError } from '../errors.ts';

const CHUNK_BYTES = 2 ** 18;
/** Deflate expands one byte to at most 1,032, which limits what a small file can hold. */
const MAX_INFLATION = 1032;
/** What to do about a file that ends too early. */
export const INCOMPLETE = 'The file is incomplete: get it again.';

/** The content of an IDX file, plain or gzipped, as it is read. */
export interface IdxStream {
  /** The file's name, for messages. */
  readonly where: string;
  /** The most bytes that the file can hold. */
  readonly capacity: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Read an IDX file, plain or gzipped, whatever its name.
 *
 * @throws InvalidDataError when its gzip data is damaged; what `read` throws; the file system's own errors
 */
export async function readIdxStream<T>(
  path: string,
  read: (stream: IdxStream) => Promise<T>,
): Promise<T> {
  const where = basename(path);
  const file = await open(path, 'r');
  try {
    const gzipped = await isGzipped(file);
    const { size } = await file.stat();
    const capacity = gzipped ? size * MAX_INFLATION : size;
    return await read({ where, capacity, chunks: streamOf(file, gzipped) });
  } catch (error) {
    throw isZlibError(error) ? damaged(where, error) : error;
  } finally {
    await file.close();
  }
}

async function isGzipped(file: FileHandle): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return buffer[0] === 0x1f && buffer[1] === 0x8b;
}

function streamOf(file: FileHandle, gzipped: boolean): Readable {
  const raw = file.createReadStream({ start: 0, autoClose: false, highWaterMark: CHUNK_BYTES });
  if (!gzipped) return raw;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  raw.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => raw.destroy());
  return raw.pipe(gunzip);
}

function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');
}

function damaged(where: string, cause: Error): InvalidDataError {
  const problem =
    (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR' ? 'ends too early' : 'is damaged';
  return new InvalidDataError(`${where}: its gzip data ${problem} (${cause.message})`, {
    cause,
    hint: INCOMPLETE,
  });
}
