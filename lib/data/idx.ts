import { InvalidDataError } from '../errors.ts';
import { exampleValues } from '../program/example-shape.ts';
import { checkIdxMagic, IDX_HEADER_BYTES, type IdxHeader, parseIdxHeader } from './idx-header.ts';
import { type IdxStream, INCOMPLETE, readIdxStream } from './idx-stream.ts';
import type { Images, OnProgress } from './images.ts';

/**
 * Read an IDX file of grey images, the format of MNIST, plain or gzipped, whatever its name.
 * Nothing in it is trusted. Memory is taken for the announced images only if a file of this length
 * can hold them, and reading ends at the first byte too many.
 *
 * @throws InvalidDataError that says what is wrong; the file system's own errors
 */
export async function readIdx(path: string, onProgress?: OnProgress): Promise<Images> {
  return readIdxStream(path, (stream) => collect(stream, onProgress));
}

async function collect(
  { where, capacity, chunks }: IdxStream,
  onProgress?: OnProgress,
): Promise<Images> {
  let head: Uint8Array = new Uint8Array(0);
  let body: Body | undefined;
  for await (const chunk of chunks) {
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
