import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});

const lockedPackageSchema = z.looseObject({
  version: z.string().optional(),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.looseObject({ optional: z.boolean() })).default({}),
});

const lockfileSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(z.string(), z.looseObject({})),
});

/** What npm installs from, as text. */
export interface PackageFiles {
  readonly packageJson: string;
  readonly lockfile: string;
}

/**
 * The part of a lockfile that one package needs, and a `package.json` that asks for this package
 * only. So an image has exactly the versions that are tested, and nothing else, and is not built
 * again when another dependency changes.
 *
 * @param lockfile the text of `package-lock.json`
 */
export function packageClosure(lockfile: string, name: string): PackageFiles {
  const { lockfileVersion, packages } = lockfileSchema.parse(JSON.parse(lockfile));
  const wanted = new Set<string>();
  const visit = (place: string): void => {
    if (wanted.has(place)) return;
    wanted.add(place);
    for (const needed of neededBy(packages[place])) {
      const found = resolve(packages, place, needed);
      if (found !== undefined) visit(found);
    }
  };
  const root = `node_modules/${name}`;
  visit(root);
  const manifest = {
    name: 'lambduel-worker',
    version: '0.0.0',
    private: true,
    dependencies: { [name]: lockedPackageSchema.parse(packages[root]).version ?? '*' },
  };
  const { name: packageName, version, dependencies } = manifest;
  return {
    packageJson: json(manifest),
    lockfile: json({
      name: packageName,
      version,
      lockfileVersion,
      requires: true,
      packages: {
        '': { name: packageName, version, dependencies },
        ...Object.fromEntries([...wanted].sort().map((place) => [place, packages[place]])),
      },
    }),
  };
}

/**
 * The names that a package resolves at run time. Optional ones may be missing from the lockfile.
 */
function neededBy(entry: unknown): string[] {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
    lockedPackageSchema.parse(entry);
  const peers = Object.keys(peerDependencies).filter(
    (name) => !peerDependenciesMeta[name]?.optional,
  );
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/** Where Node finds a package that another one asks for: beside it, or further up. */
function resolve(packages: object, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    const place = `${folder}/node_modules/${name}`;
    if (Object.hasOwn(packages, place)) return place;
    if (!folder.includes('/node_modules/')) break;
  }
  const place = `node_modules/${name}`;
  return Object.hasOwn(packages, place) ? place : undefined;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
