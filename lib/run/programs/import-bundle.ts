import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BundleTrace } from './bundle-trace.ts';

/** A bundle whose code has run: what it exports by default, and where its errors come from. */
export interface ImportedBundle {
  readonly exported: unknown;
  readonly trace: BundleTrace;
}

/**
 * Run a bundle's code. From a folder that only this process knows: nobody can change a file between
 * the check of its hash and its import.
 *
 * @param bytes of a bundle whose hash was checked
 * @throws what the code throws; `trace` of the error is lost, so it is told by `onError`
 */
export async function importBundle(
  bytes: Uint8Array,
  onError: (error: unknown, trace: BundleTrace) => Error,
): Promise<ImportedBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'lambduel-program-'));
  const file = join(folder, 'program.mjs');
  const { code, trace } = BundleTrace.split(new TextDecoder().decode(bytes), 'program.mjs');
  try {
    await writeFile(file, code);
    const module: Record<string, unknown> = await import(
      /* @vite-ignore */ pathToFileURL(file).href
    );
    return { exported: module.default, trace };
  } catch (error) {
    throw onError(error, trace);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
