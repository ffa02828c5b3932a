import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidDataError } from '../errors.ts';
import { exampleValues } from '../program/example-shape.ts';
import { checkIdxMagic, IDX_HEADER_BYTES, type IdxHeader, parseIdxHeader } from './idx-header.ts';
import type { Images, OnProgress } from './images.ts';

const CHUNK_BYTES = 2 ** 18;
/** Deflate makes at most 1,032 bytes of one, so a small file cannot hold what it may announce. */
const MAX_INFLATION = 1032;
const INCOMPLETE = 'The file is incomplete: get it again.';

/**
 * Read an IDX file of grey images, the format of MNIST, plain or gzipped, whatever its name. Nothing
 * in it is trusted: memory is taken for what the header announces only when a file of this length
 * can hold it, and reading ends at the first byte too many.
 *
 * @throws InvalidDataError that says what is wrong; the file system's own errors
 */
export async function readIdx(path: string, onProgress?: OnProgress): Promise<Images> {
  const file = await open(path, 'r');
  try {
    const gzipped = await isGzipped(file);
    const { size } = await file.stat();
    const capacity = gzipped ? size * MAX_INFLATION : size;
    return await collect(basename(path), streamOf(file, gzipped), capacity, onProgress);
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

/** @param capacity the most bytes that the file can hold */
async function collect(
  where: string,
  stream: Readable,
  capacity: number,
  onProgress?: OnProgress,
): Promise<Images> {
  let head: Uint8Array = new Uint8Array(0);
  let body: Body | undefined;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (body) {
        body.add(chunk);
      } else {
        head = Buffer.concat([head, chunk]);
        if (head.length < IDX_HEADER_BYTES) continue;
        checkIdxMagic(where, head);
        body = new Body(where, parseIdxHeader(where, head), capacity);
        body.add(head.subarray(IDX_HEADER_BYTES));
      }
      onProgress?.(body.wholeExamples, body.header.examples);
    }
  } catch (error) {
    throw isZlibError(error) ? damaged(where, error) : error;
  }
  if (body) return body.finish();
  checkIdxMagic(where, head);
  return new Body(where, parseIdxHeader(where, head), capacity).finish(); // too short: throws
}

/** The pixels, as they come. */
class Body {
  readonly header: IdxHeader;
  readonly #where: string;
  readonly #exampleBytes: number;
  readonly #images: Uint8Array;
  #done = 0;

  constructor(where: string, header: IdxHeader, capacity: number) {
    this.#where = where;
    this.header = header;
    this.#exampleBytes = exampleValues(header.shape);
    const size = header.examples * this.#exampleBytes;
    if (IDX_HEADER_BYTES + size > capacity) {
      throw new InvalidDataError(
        `${where}: it is too short for the ${header.examples} images that it announces`,
        { hint: INCOMPLETE },
      );
    }
    this.#images = new Uint8Array(size);
  }

  get wholeExamples(): number {
    return Math.floor(this.#done / this.#exampleBytes);
  }

  add(chunk: Uint8Array): void {
    if (this.#done + chunk.length > this.#images.length) {
      throw new InvalidDataError(
        `${this.#where}: it goes on after the ${this.header.examples} images that it announces`,
        { hint: 'The file is damaged, or its header is not its own: get it again.' },
      );
    }
    this.#images.set(chunk, this.#done);
    this.#done += chunk.length;
  }

  finish(): Images {
    if (this.#done < this.#images.length) {
      throw new InvalidDataError(
        `${this.#where}: it ends after ${this.wholeExamples} of the ` +
          `${this.header.examples} images that it announces`,
        { hint: INCOMPLETE },
      );
    }
    return { images: this.#images, ...this.header };
  }
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
