import satisfies from 'spdx-satisfies';

/**
 * Whether an SPDX expression can be met with these licences only: of `A OR B` one is enough, of
 * `A AND B` both are needed. What is no such expression, as `SEE LICENSE IN x`, cannot.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  try {
    return satisfies(expression, [...allowed]);
  } catch {
    return false; // the library throws at what it cannot read
  }
}
