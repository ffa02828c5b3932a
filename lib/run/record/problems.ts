import type { z } from 'zod';

/** As much of a value or a name is shown: it may come from outside, and be a megabyte. */
const MAX_SHOWN = 200;

/**
 * What is wrong with settings, a sentence a setting, in words that need no knowledge of the code.
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

const KINDS: Readonly<Record<string, string>> = { int: 'a whole number', object: 'an object' };
