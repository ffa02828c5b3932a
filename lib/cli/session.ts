import { advanceLocally } from '../local/train.ts';
import { attachMetricsWriter } from '../observe/metrics.ts';
import { writeReport } from '../observe/report/write-report.ts';
import { attachSampleWriter } from '../observe/sample-writer.ts';
import { builtInPrograms } from '../program/built-in.ts';
import { RunEventBus } from '../run/events.ts';
import type { DiskStore } from '../store/disk.ts';
import type { CliContext } from './context.ts';
import { attachDisplay } from './display.ts';
import { tellOutcome } from './outcome.ts';
import { StopRequest } from './stop-request.ts';
import type { Target } from './target.ts';

const METRICS_EVERY_MS = 2000;

/** How a run is shown. */
export interface SessionOptions {
  readonly workers: number;
  /** See `LocalOptions.leaseMs`. */
  readonly leaseMs?: number;
  /** One JSON object per iteration on standard output, and no progress. */
  readonly json: boolean;
}

/**
 * Advance a run in the foreground: show it, store its metrics, samples and report, and stop it at a
 * checkpoint on Ctrl-C.
 */
export async function runSession(
  context: CliContext,
  target: Target & { readonly store: DiskStore },
  runId: string,
  { json, ...how }: SessionOptions,
): Promise<void> {
  const { store } = target;
  const events = new RunEventBus();
  const metrics = attachMetricsWriter(events, store, runId, { everyMs: METRICS_EVERY_MS });
  const display = attachDisplay(context, events, json);
  const { note } = display;
  const stop = new StopRequest(() =>
    note('Stopping at a checkpoint; press Ctrl-C again to stop at once'),
  );
  context.stdout.on('error', stop.request); // a closed pipe: nobody reads any more
  attachSampleWriter(events, store, runId);
  const failed = new Map<string, number>();
  events.on('resent', ({ reason }) => {
    if (!failed.has(reason)) note(`A job was sent again: ${reason}`);
    failed.set(reason, (failed.get(reason) ?? 0) + 1);
  });
  try {
    const status = await advanceLocally(store, runId, {
      ...how,
      events,
      shouldStop: () => stop.requested,
      onWorkers: (ready) => display.setWorkers(ready),
      onWait: (owner, ms) =>
        note(`Waiting ${Math.ceil(ms / 1000)} s for the lease of ${owner} to run out`),
    });
    display.close();
    await writeReport(store, runId, builtInPrograms());
    await tellOutcome(context, target, runId, status);
  } catch (error) {
    await metrics.flush().catch(() => {}); // the error itself matters more
    throw error;
  } finally {
    display.close();
    context.stdout.off('error', stop.request);
    stop.close();
  }
}
