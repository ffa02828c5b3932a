import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ALLOWED_LICENCES, LICENCE_EXCEPTIONS, type LicenceException } from './exceptions.ts';
import { isAllowed } from './spdx.ts';

const lockfileSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      dev: z.boolean().default(false),
      license: z.string().optional(),
    }),
  ),
});

const manifestSchema = z.looseObject({
  license: z.union([z.string(), z.looseObject({ type: z.string() })]).optional(),
  licenses: z.array(z.looseObject({ type: z.string() })).optional(),
});

/** A package of the lockfile. */
export interface LockedPackage {
  /** As `node_modules/zod`. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  /** Only needed to develop. */
  readonly dev: boolean;
  /** An SPDX expression; `none` where the package does not say. */
  readonly licence: string;
}

/** All packages of a lockfile, with the licence that the installed package itself names. */
export function lockedPackages(root: string): LockedPackage[] {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { packages } = lockfileSchema.parse(JSON.parse(text));
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, { version = '', dev, license }]) => ({
      place,
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      dev,
      // Packages for other platforms are not installed here.
      licence: licenceOf(join(root, place, 'package.json')) ?? license ?? 'none',
    }));
}

/** The packages whose licence is not allowed, and for which there is no exception. */
export function refusedLicences(
  packages: readonly LockedPackage[],
  exceptions: readonly LicenceException[] = LICENCE_EXCEPTIONS,
): LockedPackage[] {
  return packages.filter(
    ({ name, version, licence }) =>
      !isAllowed(licence, ALLOWED_LICENCES) &&
      !exceptions.some((each) => each.package === `${name}@${version}` && each.licence === licence),
  );
}

/** How many packages have which licence, the most frequent first. */
export function countLicences(packages: readonly LockedPackage[]): string {
  const counts = new Map<string, number>();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([licence, count]) => `${licence} ${count}`).join(', ');
}

function licenceOf(manifest: string): string | undefined {
  if (!existsSync(manifest)) return undefined;
  const { license, licenses } = manifestSchema.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  if (license !== undefined) return typeof license === 'string' ? license : license.type;
  return licenses?.map(({ type }) => type).join(' OR ');
}
