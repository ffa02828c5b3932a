import { InvalidDataError } from '../errors.ts';

/** A file that cannot be imported. */
export interface BadFile {
  /** Why. The message begins with the file's name. */
  readonly problem: InvalidDataError;
}

/** How many files are named. */
const NAMED = 10;

/** What is wrong with some of a folder's pictures, in a sentence and a hint. */
export function badFiles(bad: readonly BadFile[], pictures: number): InvalidDataError {
  const [first] = bad;
  if (first && bad.length === 1) {
    const { message, hint } = first.problem;
    return new InvalidDataError(message, {
      cause: first.problem,
      hint: `${hint} --skip-bad leaves it out.`,
    });
  }
  return new InvalidDataError(
    `${bad.length} of ${pictures} pictures cannot be read: ${describeBadFiles(bad)}`,
    { hint: 'Mend them or take them out of the folder, or leave them out with --skip-bad.' },
  );
}

/** The first ten with their problems, and how many more there are. */
export function describeBadFiles(bad: readonly BadFile[]): string {
  return listed(
    bad.map(({ problem }) => problem.message),
    '; ',
  );
}

/** The first ten of some names, and how many more there are. */
export function listed(names: readonly string[], separator = ', '): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return names.slice(0, NAMED).join(separator) + more;
}
