/** What a person can do about an error, and how a command that met it should end. */
export interface ErrorDetails {
  /** One sentence that says what to do now. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The base of every error that Lambduel raises on purpose.
 *
 * `message` is one clear sentence for people; `hint` says what to do. `exitCode` is what the
 * command line ends with: 2 for wrong usage, 1 for a failure.
 */
export class LambduelError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: 1 | 2 = 1;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** The caller asked for something that cannot be: an unknown option, a value out of range. */
export class UsageError extends LambduelError {
  override readonly exitCode = 2;
}

/** Names and keys in a message may come from hostile bytes, and be a megabyte long. */
const MAX_MESSAGE = 4000;

/** Bytes from outside, such as a message, a file or an object, do not have the form they claim. */
export class InvalidDataError extends LambduelError {
  constructor(message: string, details?: ErrorDetails) {
    super(message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}...` : message, details);
  }
}

/** The message of anything thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
