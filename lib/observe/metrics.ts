import { type Clock, systemClock } from '../run/clock.ts';
import type { IterationReport, RunEventBus } from '../run/events.ts';
import { runKeys } from '../run/record/keys.ts';
import type { Store } from '../store/store.ts';
import { MetricsBuffer } from './metrics-buffer.ts';
import { parseMetricsLine } from './metrics-line.ts';
import { readLines } from './read-lines.ts';
import { attachTimelineWriter } from './timeline/timeline-writer.ts';

/** Objects that are read at once. */
const CONCURRENT_READS = 16;

/** How a run's metrics are written. */
export interface MetricsWriterOptions {
  /** Iterations wait in memory at most this long, and are written before each checkpoint anyway. */
  readonly everyMs: number;
  readonly clock?: Pick<Clock, 'now'>;
}

/** Writes a run's metrics. */
export interface MetricsWriter {
  /** Write what waits in memory now. For runs that fail, which write no last checkpoint. */
  flush(): Promise<void>;
}

/**
 * Store each iteration's report as a line of `metrics/<first iteration>-e<epoch>.jsonl`, and the
 * timeline of those that are traced.
 *
 * A periodic write that fails is tried again at the next one. A write before a checkpoint that
 * fails ends the run, so that no checkpoint is ahead of the metrics.
 */
export function attachMetricsWriter(
  bus: RunEventBus,
  store: Store,
  runId: string,
  { everyMs, clock = systemClock }: MetricsWriterOptions,
): MetricsWriter {
  const buffer = new MetricsBuffer(store, runId);
  let flushedAt = clock.now();
  const flush = (): Promise<void> => {
    flushedAt = clock.now();
    return buffer.flush();
  };
  bus.on('iteration', async (report) => {
    buffer.add(report);
    if (clock.now() - flushedAt >= everyMs) await flush().catch(() => {});
  });
  bus.on('beforeCheckpoint', flush);
  bus.on('ended', flush);
  const timeline = attachTimelineWriter(bus, store, runId);
  return {
    flush: async () => {
      await timeline.flush();
      await flush();
    },
  };
}

/**
 * A run's iterations, in order. An iteration that was repeated after a resumption is taken from the
 * highest epoch that wrote it.
 *
 * @throws InvalidDataError that names the object and the line
 */
export async function readMetrics(store: Store, runId: string): Promise<IterationReport[]> {
  const objects = await store.list(runKeys.allMetrics(runId));
  const byIteration = new Map<number, IterationReport>();
  for (let i = 0; i < objects.length; i += CONCURRENT_READS) {
    const keys = objects.slice(i, i + CONCURRENT_READS).map(({ key }) => key);
    const read = await Promise.all(keys.map((key) => readMetricsObject(store, key)));
    for (const report of read.flat()) {
      const other = byIteration.get(report.iteration);
      if (!other || other.epoch <= report.epoch) byIteration.set(report.iteration, report);
    }
  }
  return [...byIteration.values()].sort((a, b) => a.iteration - b.iteration);
}

/** The iterations of one metrics object. @throws InvalidDataError that names it and the line */
export async function readMetricsObject(store: Store, key: string): Promise<IterationReport[]> {
  return readLines(store, key, parseMetricsLine, "an iteration's metrics");
}
