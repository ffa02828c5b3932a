import { CommanderError } from 'commander';
import { z } from 'zod';
import { LambduelError, messageOf } from '../errors.ts';
import { type CliContext, tell } from './context.ts';

/**
 * Tell of an error as people need it: one sentence, a hint where there is one, and the stack only
 * where it was asked for.
 *
 * @returns the exit code: 2 for wrong usage, 1 for a failure
 */
export function reportError(context: CliContext, error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed already
  const known = error instanceof LambduelError || error instanceof z.ZodError;
  tell(context, `error: ${sentenceOf(error)}`);
  if (error instanceof LambduelError && error.hint) tell(context, `hint: ${error.hint}`);
  else if (!known)
    tell(context, 'hint: Run the command again with --debug to see where it failed.');
  if (debug && error instanceof Error) tell(context, stackOf(error));
  if (error instanceof z.ZodError) return 2;
  return error instanceof LambduelError ? error.exitCode : 1;
}

/** Settings that do not fit together say so in a sentence of their own each. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error);
  return error.issues.map(({ message }) => message).join('; ');
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
