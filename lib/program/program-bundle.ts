/** The largest bundle of a program file. */
export const MAX_BUNDLE_BYTES = 5 * 2 ** 20;

/** The keys of program files' bundles in a store. They are written once, by whoever starts a run. */
export const bundleKeys = {
  all: 'programs/',
  bundle: (sha256: string) => `programs/${sha256}.mjs`,
} as const;

/** The keys of all bundles, as policies write them. */
export const bundleKeyPattern = `${bundleKeys.all}*`;
