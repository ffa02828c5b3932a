import type { IterationReport } from '../run/events.ts';
import { runKeys } from '../run/record/keys.ts';
import { createUnlessThere } from '../store/create-unless-there.ts';
import { ObjectExistsError, type Store } from '../store/store.ts';
import { formatMetricsLine } from './metrics-line.ts';

interface Chunk {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Reports on their way to the store. Each is kept until it is stored. */
export class MetricsBuffer {
  readonly #store: Store;
  readonly #runId: string;
  #reports: IterationReport[] = [];
  /** Set while its write has not succeeded. It is tried again unchanged, under the same key. */
  #chunk: Chunk | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(store: Store, runId: string) {
    this.#store = store;
    this.#runId = runId;
  }

  add(report: IterationReport): void {
    this.#reports.push(report);
  }

  /** One at a time. */
  flush(): Promise<void> {
    const flushed = this.#last.then(() => this.#flush());
    this.#last = flushed.catch(() => {});
    return flushed;
  }

  async #flush(): Promise<void> {
    for (;;) {
      this.#chunk ??= this.#cutChunk();
      if (!this.#chunk) return;
      await createOnce(this.#store, this.#chunk);
      this.#chunk = undefined;
    }
  }

  #cutChunk(): Chunk | undefined {
    const [first] = this.#reports;
    if (!first) return undefined;
    const lines = this.#reports.map((report) => `${formatMetricsLine(report)}\n`);
    this.#reports = [];
    const key = runKeys.metrics(this.#runId, first.iteration, first.epoch);
    return { key, bytes: Buffer.from(lines.join('')) };
  }
}

/** A write whose answer was lost may have succeeded. Then the object has the same bytes. */
async function createOnce(store: Store, { key, bytes }: Chunk): Promise<void> {
  if (await createUnlessThere(store, key, bytes)) return;
  const { bytes: stored } = await store.get(key);
  if (Buffer.compare(stored, bytes) !== 0) throw new ObjectExistsError(key);
}
