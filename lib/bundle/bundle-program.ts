import { basename, dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildFailure, build, type Message, type Plugin } from 'esbuild';
import { UsageError } from '../errors.ts';
import { MAX_BUNDLE_BYTES } from '../program/program-bundle.ts';
import { sha256 } from '../wire/checksum.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PUBLIC = fileURLToPath(new URL('../program/public.ts', import.meta.url));

/** A program file as one module, with everything that it imports but what Node.js has. */
export interface ProgramBundle {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/**
 * Bundle a program file. The bundle does not depend on where the file is, and holds a source map,
 * so that an error in it can be shown by the file's lines.
 *
 * @throws UsageError that names file and line when it cannot be read or has errors, and when it is
 *   too large
 */
export async function bundleProgram(file: string): Promise<ProgramBundle> {
  const path = resolve(file);
  if (!/\.([cm]?js|[cm]?ts)$/.test(path)) {
    throw new UsageError(`--program ${file}: a program file ends in .ts, .js or .mjs`);
  }
  const folder = dirname(path);
  const { outputFiles } = await build({
    entryPoints: [path],
    outfile: resolve(folder, 'program.mjs'),
    absWorkingDir: folder,
    write: false,
    bundle: true,
    minifyWhitespace: true, // comments would name the machine's folders
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    tsconfigRaw: {}, // a tsconfig.json around the file does not change the bundle
    plugins: [ownImports],
    logLevel: 'silent',
  }).catch((cause: BuildFailure) => {
    throw failure(file, cause);
  });
  const [map, code] = [textOf('.map'), textOf('.mjs')];
  function textOf(ending: string): string {
    return outputFiles.find((output) => output.path.endsWith(ending))?.text ?? '';
  }
  const inline = Buffer.from(portableMap(map, folder)).toString('base64');
  const text = `${code}//# sourceMappingURL=data:application/json;base64,${inline}\n`;
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_BUNDLE_BYTES) {
    throw new UsageError(
      `${file} is ${(bytes.length / 2 ** 20).toFixed(1)} MB with all that it imports, and a program may have ${MAX_BUNDLE_BYTES / 2 ** 20}`,
      {
        hint: 'Import smaller packages. TensorFlow.js is given to losses and need not be imported.',
      },
    );
  }
  return { bytes, sha256: sha256(bytes) };
}

/** `lambduel/program` is this version's. TensorFlow.js is given, because two copies do not mix. */
const ownImports: Plugin = {
  name: 'own-imports',
  setup(builder) {
    builder.onResolve({ filter: /^lambduel\/program$/ }, () => ({ path: PUBLIC }));
    builder.onResolve({ filter: /^@tensorflow\// }, ({ path }) => ({
      errors: [
        {
          text: `${path} cannot be imported: losses get TensorFlow.js as \`tf\` (types can: \`import type\`)`,
        },
      ],
    }));
  },
};

/** A source map whose files are named from the program file's folder, and no machine's. */
function portableMap(map: string, folder: string): string {
  const parsed = JSON.parse(map) as { sources: string[] };
  const sources = parsed.sources.map((source) => {
    const path = resolve(folder, source);
    return path.startsWith(`${ROOT}lib${sep}`)
      ? `lambduel:${posix(relative(ROOT, path))}`
      : posix(relative(folder, path));
  });
  return JSON.stringify({ ...parsed, sources });
}

function posix(path: string): string {
  return path.replaceAll(sep, '/');
}

function failure(file: string, cause: BuildFailure): UsageError {
  const [first] = cause.errors ?? [];
  if (!first) return new UsageError(`${file} cannot be bundled: ${cause.message}`, { cause });
  return new UsageError(sentence(file, first), { cause });
}

function sentence(file: string, { location, text }: Message): string {
  if (!location) return `${file} cannot be bundled: ${text}`;
  const { file: where, line, column } = location;
  const path = where === basename(file) ? file : where;
  return `${path}:${line}:${column + 1}: ${text}`;
}
