import { CommanderError } from 'commander';
import { LambduelError, messageOf } from '../errors.ts';
import { type CliContext, tell } from './context.ts';

const UNEXPECTED = 'Run the command again with --debug to see where it failed.';

/**
 * Show an error to people: one sentence, a hint if there is one, and the stack only if it was asked
 * for.
 *
 * @returns the exit code: 2 for wrong usage, 1 for a failure
 */
export function reportError(context: CliContext, error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // it has printed already
  tell(context, `error: ${messageOf(error)}`);
  const hint = error instanceof LambduelError ? error.hint : UNEXPECTED;
  if (hint) tell(context, `hint: ${hint}`);
  if (debug && error instanceof Error) tell(context, stackOf(error));
  return error instanceof LambduelError ? error.exitCode : 1;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
