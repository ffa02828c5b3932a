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

const LGPL = 'LGPL-3.0-or-later';
const LIBVIPS_REASON =
  'libvips, which sharp loads as a dynamic library of its own package: it can be replaced by another ' +
  'build, as the LGPL asks. Only `lambduel data import` loads it, nothing of it is in a bundle of the ' +
  'functions, and Lambduel does not copy it: npm installs it.';

/** The packages of one platform each, by the licences that they name. */
const LIBVIPS: Readonly<Record<string, readonly string[]>> = {
  [LGPL]: [
    ...['darwin-arm64', 'darwin-x64', 'linux-arm', 'linux-arm64', 'linux-ppc64', 'linux-riscv64'],
    ...['linux-s390x', 'linux-x64', 'linuxmusl-arm64', 'linuxmusl-x64'],
  ].map((platform) => `@img/sharp-libvips-${platform}@1.3.4`),
  [`Apache-2.0 AND ${LGPL}`]: ['win32-arm64', 'win32-ia32', 'win32-x64'].map(
    (platform) => `@img/sharp-${platform}@0.35.5`,
  ),
  [`Apache-2.0 AND ${LGPL} AND MIT`]: ['@img/sharp-wasm32@0.35.5'],
};

/** They do not hold for what is bundled into the functions. */
export const LICENCE_EXCEPTIONS: readonly LicenceException[] = Object.entries(LIBVIPS).flatMap(
  ([licence, packages]) =>
    packages.map((name) => ({ package: name, licence, reason: LIBVIPS_REASON })),
);

export const ADVISORY_EXCEPTIONS: readonly AdvisoryException[] = [];
