import type { z } from 'zod';
import { UsageError } from '../../errors.ts';

/** How much of a value or a name is shown: it may come from outside, and be a megabyte long. */
const MAX_SHOWN = 200;

/** How a message refers to settings. */
export interface SettingsSource {
  /** Begins the sentence, where it needs a beginning. */
  readonly beginning?: string;
  /** What to do about it, where the rule that is broken does not say. */
  readonly hint: string;
  readonly nameOf?: (key: string) => string;
}

/** What is said when a rule over several settings is broken: `params` of zod's `refine`. */
export interface RuleParams {
  /** The rule's message is a sentence of its own. */
  readonly rule: true;
  readonly hint: string;
}

/** Settings that are refused, as one sentence and what to do about it. */
export function settingsError(
  cause: z.ZodError,
  values: object,
  { beginning = '', hint, nameOf }: SettingsSource,
): UsageError {
  const problems = problemsOf(cause, values, nameOf).join('; ');
  const ruleHints = cause.issues.flatMap((issue) => ruleOf(issue)?.hint ?? []);
  return new UsageError(beginning + problems, { cause, hint: ruleHints[0] ?? hint });
}

function ruleOf(issue: z.core.$ZodIssue): RuleParams | undefined {
  return issue.code === 'custom' && issue.params?.rule === true
    ? (issue.params as RuleParams)
    : undefined;
}

/**
 * What is wrong with settings, one sentence per setting, in words that need no knowledge of the
 * code.
 *
 * @param values the settings as they were given
 * @param nameOf how the one who gave them knows a setting
 */
export function problemsOf(
  error: z.ZodError,
  values: object,
  nameOf: (key: string) => string = (key) => key,
): string[] {
  return error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return `${cut(nameOf(issue.keys[0] ?? ''))}: unknown setting`;
    }
    if (ruleOf(issue)) return issue.message;
    const [first] = issue.path;
    if (first === undefined) return `it ${describe(issue)}`;
    const key = String(first);
    const value: unknown = Reflect.get(values, key);
    if (value === undefined) return `${nameOf(key)} is missing: ${describe(issue)}`;
    return `${nameOf(key)} ${cut(textOf(value))}: ${describe(issue)}`;
  });
}

function textOf(value: unknown): string {
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return '(nested too deeply)'; // JSON is read to any depth, but not written
  }
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}

/** What a value has to be. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  object: 'an object',
  array: 'an array',
};
