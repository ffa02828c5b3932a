import { linkSync, mkdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of one size that are kept; more are of no use to a step. */
const SLOTS = 4;

/**
 * Files of removed objects, kept for new objects of the same size: a file of 1.3 MB that is written
 * over takes 0.05 ms, a new one and the removal of an old one 0.3 ms, because the system has to find
 * memory for it. Processes share them; who is first gets one.
 */
export class SpareFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Move a spare file of this size to a path of one's own. @returns false when there is none */
  take(size: number, path: string): boolean {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (succeeds(() => renameSync(this.#slot(size, slot), path))) return true;
    }
    return false;
  }

  /**
   * Take a file away from its path, and keep it. Whoever reads it just now may read what comes next.
   *
   * @throws ENOENT and the like when the file is not there
   */
  keep(path: string): void {
    const { size } = statSync(path);
    for (let slot = 0; slot < SLOTS; slot++) {
      if (succeeds(() => linkSync(path, this.#slot(size, slot)))) break;
    }
    unlinkSync(path);
  }

  /** Make the folder, where it is not there. */
  open(): void {
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Remove all of them. */
  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #slot(size: number, slot: number): string {
    return join(this.#folder, `${size}-${slot}`);
  }
}

/** Whether an operation that another process may have made impossible succeeds. */
function succeeds(operation: () => void): boolean {
  try {
    operation();
    return true;
  } catch {
    return false;
  }
}
