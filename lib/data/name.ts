import { UsageError } from '../errors.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const CHECKSUM_PREFIX = /^[0-9a-f]{6,64}$/;

/** A dataset as a person names it: its name, and perhaps the first digits of its checksum. */
export interface DatasetSelector {
  readonly name: string;
  /** Empty when only a name was given. */
  readonly checksumPrefix: string;
}

/** @throws UsageError */
export function checkDatasetName(name: string): void {
  if (NAME.test(name)) return;
  throw new UsageError(`${quote(name)} is not a name for a dataset`, {
    hint: 'Use at most 64 lower-case letters, digits and "-", with a letter or a digit first.',
  });
}

/** Read `name` or `name@checksum`. @throws UsageError */
export function parseDatasetSelector(text: string): DatasetSelector {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  checkDatasetName(name);
  if (at < 0) return { name, checksumPrefix: '' };
  const checksumPrefix = text.slice(at + 1);
  if (!CHECKSUM_PREFIX.test(checksumPrefix)) {
    throw new UsageError(`${quote(text)} does not end in the beginning of a checksum`, {
      hint: `Write ${name}@ and at least the first 6 of the checksum's 64 hex digits.`,
    });
  }
  return { name, checksumPrefix };
}

/** A text from outside in a message: quoted, and shortened if it is long. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
