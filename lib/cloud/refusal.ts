import { LambduelError } from '../errors.ts';

/** Begins the second line of an error's message as a function answers with it. */
const HINT = '\nhint: ';

/**
 * An error as a function has to throw it. The Lambda runtime returns name and message only, so the
 * hint becomes part of the message.
 */
export function withHint(error: unknown): unknown {
  if (!(error instanceof LambduelError) || error.hint === undefined) return error;
  const told = new Error(`${error.message}${HINT}${error.hint}`, { cause: error });
  return Object.assign(told, { name: error.name });
}

/** The parts of a message that {@link withHint} has made. */
export function splitHint(message: string): { message: string; hint?: string } {
  const at = message.indexOf(HINT);
  if (at < 0) return { message };
  return { message: message.slice(0, at), hint: message.slice(at + HINT.length) };
}
