import type { ConsoleStream } from '../observe/console/reporter.ts';

/** What a command reads and writes beside files. An argument, so that tests can see it. */
export interface CliContext {
  /** Data only: tables, JSON, names of files asked for. */
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Progress, notes and errors. */
  readonly stderr: ConsoleStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One line of data on standard output. */
export function printLine(context: CliContext, line: string): void {
  context.stdout.write(`${printable(line)}\n`);
}

/** One line for people on standard error. */
export function tell(context: CliContext, line: string): void {
  context.stderr.write(`${printable(line)}\n`);
}

/** Without control characters: errors and names may come from a store that others write to. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
