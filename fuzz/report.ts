import type { Input } from './target.ts';

/** A parser did what it promises not to do. */
export interface Finding {
  readonly why: string;
  /** The seed that leads to it again, for the same number of inputs. */
  readonly seed: number;
  /** The smallest input that was found to show it; or the name of an extreme. */
  readonly input: WrittenInput;
}

/** An input as text. */
export interface WrittenInput {
  /** Of an extreme, which is made by its name. */
  readonly extreme?: string;
  readonly hex?: string;
  /** Of the hex digits, where the input is text; UTF-16 where it has halves of surrogate pairs. */
  readonly encoding?: 'utf-8' | 'utf-16le';
}

/** What became of a target's inputs. */
export interface Report {
  readonly target: string;
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly extremes: number;
  /** Milliseconds that the slowest input took, extremes included. */
  readonly slowestMs: number;
  /** Megabytes by which resident memory grew at most, over all inputs and in any of the extremes. */
  readonly peakMb: number;
  readonly extremeMb: number;
  readonly finding: Finding | null;
}

/** An input in hex. */
export function written(input: Input): WrittenInput {
  if (typeof input !== 'string') return { hex: Buffer.from(input).toString('hex') };
  const utf8 = Buffer.from(input, 'utf8');
  return utf8.toString('utf8') === input
    ? { hex: utf8.toString('hex'), encoding: 'utf-8' }
    : { hex: Buffer.from(input, 'utf16le').toString('hex'), encoding: 'utf-16le' };
}
