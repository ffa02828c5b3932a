import { formatMetricsLine } from '../../lib/observe/metrics-line.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import type { Head } from '../../lib/run/record/head.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import type { Store } from '../../lib/store/store.ts';
import { runConfig } from '../../support/fixtures.ts';

/** A coordinator that computes nothing: it writes what a real one leaves in the store. */
export class StoredCoordinator {
  readonly #store: Store;
  readonly #lease: Lease;
  readonly #runId: string;

  private constructor(store: Store, lease: Lease, runId: string) {
    this.#store = store;
    this.#lease = lease;
    this.#runId = runId;
  }

  /** Take up a run, a new one where there is none. */
  static async begin(
    store: Store,
    change: Partial<RunConfig>,
    leaseMs = 600_000,
  ): Promise<StoredCoordinator> {
    const config = runConfig({ createdAt: new Date().toISOString(), ...change });
    const { runId } = config;
    await createRun(store, config, systemClock).catch(() => {});
    const options = { owner: 'request 1', durationMs: leaseMs, clock: systemClock };
    return new StoredCoordinator(store, await Lease.take(store, runId, options), runId);
  }

  /** Store the metrics of these iterations as one object. */
  async iterations(first: number, last: number): Promise<void> {
    const { epoch } = this.#lease;
    const metrics = { gCost: 1.5, dCost: 0.5, maxPixel: 1, dFake: 0.25, dReal: 0.75, more: 7 };
    const lines: string[] = [];
    for (let iteration = first; iteration <= last; iteration++) {
      lines.push(`${formatMetricsLine({ iteration, epoch, metrics, ms: 12, steps: [] })}\n`);
    }
    const key = runKeys.metrics(this.#runId, first, epoch);
    await this.#store.create(key, Buffer.from(lines.join('')));
  }

  async end(change: Partial<Head>): Promise<void> {
    await this.#lease.release(change);
  }
}
