import type fc from 'fast-check';

/** What a parser is fed: bytes as of a file or an object, or text as of a message. */
export type Input = Uint8Array | string;

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** A parser of untrusted input, and what it promises. */
export interface Target {
  readonly name: string;
  /** Endless inputs: any, damaged valid ones, and ones near the format. */
  readonly inputs: fc.Arbitrary<Input>;
  /** Single inputs that are large, or expand: each is fed once, with its memory measured. */
  readonly extremes: Readonly<Record<string, () => Input>>;
  /** What the parser's documentation says that it throws; anything else is a finding. */
  readonly refuses: readonly ErrorClass[];
  /** Parse, and check what comes out: with an assertion, which no parser throws. */
  readonly feed: (input: Input) => void | Promise<void>;
  /** The most megabytes that one of the extremes may take. Default: {@link EXTREME_MB}. */
  readonly extremeMb?: number;
}

/** A target that takes text. */
export function textTarget(
  target: Omit<Target, 'feed'> & { readonly feed: (text: string) => void | Promise<void> },
): Target {
  return { ...target, feed: (input) => target.feed(input as string) };
}

/** A target that takes bytes. */
export function bytesTarget(
  target: Omit<Target, 'feed'> & { readonly feed: (bytes: Uint8Array) => void | Promise<void> },
): Target {
  return { ...target, feed: (input) => target.feed(input as Uint8Array) };
}

/** Longer than this for one input is a finding: parsers take microseconds, machines may be busy. */
export const INPUT_MS = 4000;
/** What one extreme may take beside itself, in megabytes of resident memory. */
export const EXTREME_MB = 128;
/** What all other inputs together may take at their peak: mostly garbage that waits for collection. */
export const PEAK_MB = 384;
