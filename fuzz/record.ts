import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type WrittenInput, written } from './report.ts';
import type { Input } from './target.ts';

/** Longer inputs are kept up to here. */
const MAX_BYTES = 2 ** 20;

/**
 * Keeps the input that is being parsed in a file, so that one that ends the process, or never ends,
 * is known.
 */
export class InputRecord {
  readonly #file: number;
  #length = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  /** To be called before an input is parsed. */
  keep(input: Input): void {
    const isText = typeof input === 'string';
    const bytes = isText ? Buffer.from(input, 'utf16le') : input;
    this.#write(isText ? 't' : 'b', bytes.subarray(0, MAX_BYTES));
  }

  /** The same for one of the extremes, by its name. */
  keepExtreme(name: string): void {
    this.#write('x', Buffer.from(name));
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(kind: string, bytes: Uint8Array): void {
    const record = Buffer.concat([Buffer.from(kind), bytes]);
    writeSync(this.#file, record, 0, record.length, 0);
    if (record.length < this.#length) ftruncateSync(this.#file, record.length);
    this.#length = record.length;
  }
}

/** The input that was kept last. */
export function lastKept(path: string): WrittenInput {
  const record = readFileSync(path);
  const bytes = record.subarray(1);
  const kind = String.fromCharCode(record[0] ?? 0);
  if (kind === 'x') return { extreme: bytes.toString() };
  return written(kind === 't' ? bytes.toString('utf16le') : bytes);
}
