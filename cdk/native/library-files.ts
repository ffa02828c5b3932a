import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from '../../bin/setup.mjs';
import { LambduelError } from '../../lib/errors.ts';
import { clonePaths } from '../../lib/installation/clone.mjs';
import { nativeStatus } from '../../lib/installation/native-status.mjs';
import { BINDING_FILE } from '../../lib/packed/manifest.ts';

/** A file of the native library. */
export interface LibraryFile {
  /** Where it is on this machine. */
  readonly source: string;
  /** Where it is below the folder that the library is unpacked to. */
  readonly path: string;
}

const SHARED_OBJECTS = 'deps/lib';
const OTHER_WAYS =
  'deploy with `-c packaging=image`, which needs Docker, or with `-c backend=wasm`.';

/**
 * The native library of this clone, which is what its tests use: the binding, and TensorFlow's
 * shared objects by the names that the binding asks for. Looks for it first, as the set-up does.
 *
 * @throws LambduelError where there is none for Lambda, with what else can be done
 */
export async function libraryFiles(
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
  { tfjs } = clonePaths(),
): Promise<LibraryFile[]> {
  if (platform !== 'linux' || arch !== 'x64') {
    throw new LambduelError(
      `Native workers can be packed as a zip on Linux on x64 only, and this machine is ${platform} on ${arch}`,
      { hint: `Deploy from such a machine, or ${OTHER_WAYS}` },
    );
  }
  if (!nativeStatus().available) await setUp({ quiet: true });
  const { available, reason, remedy } = nativeStatus();
  if (!available) {
    throw new LambduelError(`There is no native library to pack: ${reason}`, {
      hint: `${remedy} Or ${OTHER_WAYS}`,
    });
  }
  const objects = readdirSync(join(tfjs, SHARED_OBJECTS)).filter((name) => /\.so\.2$/.test(name));
  return [...objects.sort().map((name) => `${SHARED_OBJECTS}/${name}`), BINDING_FILE].map(
    (path) => ({ source: join(tfjs, path), path }),
  );
}
