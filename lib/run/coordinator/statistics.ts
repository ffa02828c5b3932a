import type { MetricSpec } from '../../program/metric-spec.ts';
import { phaseMetrics } from '../../program/metrics.ts';
import type { PhaseSpec } from '../../program/program.ts';
import type { Metrics } from './aggregation.ts';

/** A phase's losses and statistics, combined over the shards in shard order. */
export class PhaseStatistics {
  readonly #metrics: readonly MetricSpec[];
  readonly #sizes: readonly number[];
  readonly #byShard: (Metrics | undefined)[] = [];

  /** @param sizes number of examples of each shard */
  constructor(phase: PhaseSpec, sizes: readonly number[]) {
    this.#metrics = phaseMetrics(phase);
    this.#sizes = sizes;
  }

  set(shard: number, statistics: Metrics): void {
    this.#byShard[shard] = statistics;
  }

  /** Combine the shards that have answered. Means are weighted by examples. */
  combine(): Record<string, number> {
    const shards = this.#byShard.flatMap((statistics, i) =>
      statistics ? { statistics, size: this.#sizes[i] ?? 0 } : [],
    );
    const examples = shards.reduce((sum, { size }) => sum + size, 0);
    return Object.fromEntries(
      this.#metrics.map(({ name, reduction }) => {
        const value = ({ statistics }: (typeof shards)[0]) => statistics[name] ?? Number.NaN;
        const combined =
          reduction === 'max'
            ? Math.max(...shards.map(value))
            : shards.reduce((sum, shard) => sum + value(shard) * shard.size, 0) / examples;
        return [name, combined];
      }),
    );
  }
}
