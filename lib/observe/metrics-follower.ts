import type { IterationReport } from '../run/events.ts';
import { parseMetricsKey, runKeys } from '../run/record/keys.ts';
import { ObjectNotFoundError, type Store } from '../store/store.ts';
import { readMetricsObject } from './metrics.ts';

/** A metrics object, by its key alone. */
interface MetricsKey {
  readonly key: string;
  readonly first: number;
  readonly epoch: number;
}

/** Where the next object of an epoch will be: objects of one epoch leave no gap. */
interface Tail {
  readonly epoch: number;
  readonly next: number;
}

/**
 * Reads a run's metrics as they appear: each iteration once and in order, whichever epoch reports
 * it first. It lists all objects only when a new coordinator begins. From then on it reads the next
 * object by its key, so that following a run of days costs no more than its first minute.
 */
export class MetricsFollower {
  readonly #store: Store;
  readonly #runId: string;
  /** The iteration to return next; undefined: the last one that exists. */
  #next: number | undefined;
  readonly #read = new Set<string>();
  /** Read, but not returned yet because an earlier one is missing. */
  readonly #held = new Map<number, IterationReport>();
  #tail: Tail | undefined;

  /**
   * @param from the first iteration to report; default: the last that there is at the first read
   */
  constructor(store: Store, runId: string, from?: number) {
    this.#store = store;
    this.#runId = runId;
    this.#next = from;
  }

  /** What is new. @param epoch of the run's head, read before */
  async read(epoch: number): Promise<IterationReport[]> {
    if (this.#tail?.epoch !== epoch) await this.#catchUp(epoch);
    await this.#followTail();
    const reports: IterationReport[] = [];
    if (this.#next === undefined) return reports;
    for (let report = this.#take(); report; report = this.#take()) reports.push(report);
    return reports;
  }

  /** The next report, if it exists. */
  #take(): IterationReport | undefined {
    const next = this.#next as number;
    const report = this.#held.get(next);
    if (!report) return undefined;
    this.#held.delete(next);
    this.#next = next + 1;
    return report;
  }

  /** Read the objects of all epochs, and find where this epoch continues. */
  async #catchUp(epoch: number): Promise<void> {
    const keys = await this.#list();
    const beginsAtLast = this.#next === undefined && keys.length > 0;
    if (beginsAtLast) this.#next = Math.max(...keys.map(({ first }) => first));
    for (const { key, epoch: writer } of keys.filter((one, i) =>
      this.#isWanted(one, keys[i + 1]),
    )) {
      const last = await this.#readObject(key);
      if (writer === epoch && last) this.#tail = { epoch, next: last.iteration + 1 };
    }
    if (beginsAtLast) this.#next = Math.max(this.#next as number, ...this.#held.keys());
  }

  /** @param following the next object of the list, perhaps of another epoch */
  #isWanted({ key, epoch }: MetricsKey, following: MetricsKey | undefined): boolean {
    if (this.#read.has(key)) return false;
    const endsBefore = following?.epoch === epoch ? following.first : Number.POSITIVE_INFINITY;
    return endsBefore > (this.#next as number);
  }

  async #followTail(): Promise<void> {
    while (this.#tail) {
      const { epoch, next } = this.#tail;
      try {
        const last = await this.#readObject(runKeys.metrics(this.#runId, next, epoch));
        if (!last) return;
        this.#tail = { epoch, next: last.iteration + 1 };
      } catch (error) {
        if (error instanceof ObjectNotFoundError) return;
        throw error;
      }
    }
  }

  /** @returns the object's last report */
  async #readObject(key: string): Promise<IterationReport | undefined> {
    const reports = await readMetricsObject(this.#store, key);
    this.#read.add(key);
    for (const report of reports) {
      const { iteration } = report;
      if (iteration >= (this.#next ?? 0) && !this.#held.has(iteration)) {
        this.#held.set(iteration, report);
      }
    }
    return reports.at(-1);
  }

  /** By epoch, and in an epoch by iteration. */
  async #list(): Promise<MetricsKey[]> {
    const objects = await this.#store.list(runKeys.allMetrics(this.#runId));
    const keys = objects.flatMap(({ key }) => {
      const parsed = parseMetricsKey(key);
      return parsed ? [{ key, ...parsed }] : [];
    });
    return keys.sort((a, b) => a.epoch - b.epoch || a.first - b.first);
  }
}
