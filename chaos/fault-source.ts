import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './plan.ts';

const PLAN = 'plan.json';
const DONE = 'done';

/** Lay out a folder from which any process can take the plan's faults, each once. */
export function writePlan(folder: string, faults: readonly Fault[]): void {
  mkdirSync(join(folder, DONE), { recursive: true });
  writeFileSync(join(folder, PLAN), JSON.stringify(faults));
}

/** The faults that have been taken. */
export function faultsDone(folder: string): Set<number> {
  return new Set(readdirSync(join(folder, DONE)).map(Number));
}

/**
 * The faults of a plan, for one process. Whoever takes a fault makes a file, exclusively: so that it
 * happens once, in one process, also when that process dies of it.
 */
export class FaultSource {
  /** Iterations complete, as far as this process knows. */
  iteration = 0;
  readonly #folder: string;
  readonly #passed = new Map<number, number>();
  #waiting: Fault[];

  constructor(folder: string) {
    this.#folder = folder;
    const done = faultsDone(folder);
    const faults = JSON.parse(readFileSync(join(folder, PLAN), 'utf8')) as Fault[];
    this.#waiting = faults.filter(({ id }) => !done.has(id));
  }

  /** The fault of this kind that is to happen at this very operation. */
  take(kind: string, variant?: string): Fault | undefined {
    for (const fault of this.#waiting) {
      if (fault.iteration > this.iteration) return undefined; // they are in order
      if (fault.kind !== kind || (variant !== undefined && fault.variant !== variant)) continue;
      const passed = this.#passed.get(fault.id) ?? 0;
      this.#passed.set(fault.id, passed + 1);
      if (passed >= fault.skip && this.claim(fault)) return fault;
    }
    return undefined;
  }

  /** @returns whether it is this process that has taken the fault */
  claim(fault: Fault): boolean {
    this.#waiting = this.#waiting.filter(({ id }) => id !== fault.id);
    try {
      closeSync(openSync(join(this.#folder, DONE, String(fault.id)), 'wx'));
      return true;
    } catch {
      return false;
    }
  }
}
