import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A run's files, read as anyone can: by path, without the library. */
export interface StoredRun {
  readonly config: Record<string, unknown>;
  readonly head: {
    readonly status: string;
    readonly iteration: number;
    readonly epoch: number;
    readonly lease: unknown;
    readonly error: { readonly message: string } | null;
    readonly checkpoint: { readonly iteration: number; readonly epoch: number } | null;
  };
  /** Paths of all its files, from the run's folder. */
  readonly files: readonly string[];
}

/** A run id that a test chooses; the number tells runs of a store apart. */
export function runId(number = 0): string {
  return `20260131-235959-${number.toString(16).padStart(4, '0')}`;
}

export async function readRun(store: string, id = runId()): Promise<StoredRun> {
  const folder = join(store, 'runs', id);
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  return {
    config: await json('config.json'),
    head: await json('head.json'),
    files: await filesIn(folder),
  };
}

/** The networks' files of a run's last checkpoint. */
export async function finalWeights(
  store: string,
  id = runId(),
): Promise<Record<'D' | 'G', Buffer>> {
  const { head } = await readRun(store, id);
  const { iteration, epoch } = head.checkpoint as { iteration: number; epoch: number };
  const file = (network: string) =>
    readFile(
      join(store, 'runs', id, 'checkpoints', `${iteration}-e${epoch}`, `${network}.safetensors`),
    );
  return { D: await file('D'), G: await file('G') };
}

/** Whether two runs have come to the very same networks. */
export function sameWeights(a: Record<'D' | 'G', Buffer>, b: Record<'D' | 'G', Buffer>): boolean {
  return a.D.equals(b.D) && a.G.equals(b.G);
}

/** What a store's own folders hold beside objects: drafts and locks. */
export async function leftovers(store: string): Promise<string[]> {
  const all = await filesIn(store);
  return all.filter((path) => path.startsWith('.'));
}

/** Paths of all files below a folder, from there, in order. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
