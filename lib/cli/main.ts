import type { CliContext } from './context.ts';
import { reportError } from './errors.ts';
import { createProgram } from './program.ts';

/**
 * Run one command.
 *
 * @param args the command line without node and the script
 * @returns the exit code: 0, 1 for a failure, 2 for wrong usage
 */
export async function main(
  args: readonly string[],
  context: CliContext = { stdout: process.stdout, stderr: process.stderr, env: process.env },
): Promise<number> {
  try {
    await createProgram(context).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return reportError(context, error, args.includes('--debug'));
  }
}
