import type { z } from 'zod';

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
      return `${nameOf(issue.keys[0] ?? '')}: unknown setting`;
    }
    const [first] = issue.path;
    if (first === undefined) return `it ${describe(issue)}`;
    const key = String(first);
    const value: unknown = Reflect.get(values, key);
    if (value === undefined) return `${nameOf(key)} is missing: ${describe(issue)}`;
    const shown = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return `${nameOf(key)} ${shown}: ${describe(issue)}`;
  });
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
