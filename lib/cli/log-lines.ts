import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { LogLine } from './log-source.ts';

/** Begins a line of the Lambda runtime about an invocation that went wrong. */
export const RUNTIME_FAULTS = [
  'Task timed out',
  'Runtime exited',
  'Runtime.',
  'Invoke Error',
  'Uncaught Exception',
  'Unhandled Promise Rejection',
] as const;

const PROBLEM_LEVELS: ReadonlySet<string> = new Set(['WARN', 'ERROR', 'CRITICAL']);

/** A line as the functions log it. Other keys are passed on to readers of the JSON. */
const ownLineSchema = z.looseObject({
  level: z.string(),
  message: z.string(),
  timestamp: z.string().optional(),
  /** Why something was done. */
  reason: z.string().optional(),
  runId: z.string().optional(),
  error: z.looseObject({ name: z.string().optional(), message: z.string().optional() }).optional(),
});

/** A parsed line of a log. */
export interface LogEntry {
  /** When it was logged: milliseconds since 1970. */
  readonly time: number;
  readonly source: string;
  readonly level: string;
  readonly text: string;
  /** A warning or worse. */
  readonly isProblem: boolean;
  /** It names the run. Otherwise only its time suggests that it belongs to the run. */
  readonly namesRun: boolean;
  /** The line's keys where it is JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Parse a line: one that names the run, or one of the Lambda runtime about an invocation that went
 * wrong, which names no run.
 *
 * @returns undefined for a line that has nothing to do with the run
 */
export function readLogLine(line: LogLine, runId: string): LogEntry | undefined {
  const { time, source, message } = line;
  const namesRun = message.includes(runId);
  const own = ownLineSchema.safeParse(parseJson(message)).data;
  const isFault = own?.runId === undefined && RUNTIME_FAULTS.some((what) => message.includes(what));
  // The watchdog serves all runs: a fault of its own is no single run's.
  if (!namesRun && (!isFault || source === 'watchdog')) return undefined;
  const level = own?.level ?? (isFault ? 'ERROR' : 'INFO');
  const loggedAt = Date.parse(own?.timestamp ?? '');
  return {
    time: Number.isNaN(loggedAt) ? time : loggedAt,
    source,
    level,
    text: own ? textOf(own) : message.trim(),
    isProblem: isFault || PROBLEM_LEVELS.has(level),
    namesRun,
    fields: own ?? {},
  };
}

function textOf({ message, error, reason }: z.infer<typeof ownLineSchema>): string {
  const parts = error ? [error.name, error.message] : [reason];
  const why = parts.filter(Boolean).join(': ');
  return why === '' || message.includes(why) ? message : `${message}: ${why}`;
}

/** For people, on one line. */
export function formatLog({ time, source, level, text }: LogEntry): string {
  const line = stripVTControlCharacters(text).replaceAll(/\s*[\r\n]+\s*/g, ' | ');
  return `${new Date(time).toISOString()}  ${source.padEnd(11)}  ${level.padEnd(5)}  ${line}`;
}

/** For machines: what the function logged, and which function. */
export function jsonLog({ time, source, level, text, fields }: LogEntry): string {
  const known = { timestamp: new Date(time).toISOString(), level, message: text };
  return JSON.stringify({ ...known, ...fields, source });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
