/** A licence that is not on the list, and may be shipped all the same. */
export interface LicenceException {
  /** The package with its version, as `name@1.2.3`. */
  readonly package: string;
  readonly licence: string;
  readonly reason: string;
}

/** A known advisory that does not concern Lambduel. */
export interface AdvisoryException {
  /** As `GHSA-xxxx-xxxx-xxxx`. */
  readonly advisory: string;
  readonly package: string;
  /** Why what it describes cannot happen here. */
  readonly reason: string;
  /** The day, as `2026-12-31`, from which the exception does not count until someone looks again. */
  readonly reviewBy: string;
}

/** Licences that may be shipped: they ask for no more than to be named. */
export const ALLOWED_LICENCES: ReadonlySet<string> = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0'],
  ...['CC0-1.0', 'Python-2.0', 'Unlicense'],
]);

export const LICENCE_EXCEPTIONS: readonly LicenceException[] = [];

export const ADVISORY_EXCEPTIONS: readonly AdvisoryException[] = [];
