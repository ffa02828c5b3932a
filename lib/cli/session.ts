import { advanceLocally } from '../local/train.ts';
import { attachConsole } from '../observe/console/attach.ts';
import { metricsLine } from '../observe/json-lines.ts';
import { attachMetricsWriter } from '../observe/metrics.ts';
import { writeReport } from '../observe/report/write-report.ts';
import { attachSampleWriter } from '../observe/sample-writer.ts';
import { RunEventBus } from '../run/events.ts';
import type { RunStatus } from '../run/head.ts';
import type { DiskStore } from '../store/disk.ts';
import { type CliContext, printLine, tell } from './context.ts';
import { tellOutcome } from './outcome.ts';
import { StopRequest } from './stop-request.ts';

const METRICS_EVERY_MS = 2000;

/** How a run is shown. */
export interface SessionOptions {
  readonly workers: number;
  /** One JSON object an iteration on standard output, and no progress. */
  readonly json: boolean;
}

/**
 * Advance a run in the foreground: show it, store its metrics, samples and report, and stop it at a
 * checkpoint on Ctrl-C.
 */
export async function runSession(
  context: CliContext,
  store: DiskStore,
  runId: string,
  { workers, json }: SessionOptions,
): Promise<RunStatus> {
  const events = new RunEventBus();
  const { stderr, env } = context;
  const isTTY = stderr.isTTY === true && !json;
  const display = json ? undefined : attachConsole(events, { stream: stderr, isTTY, env });
  const note = (text: string) => (display ? display.note(text) : tell(context, text));
  const stop = new StopRequest(note);
  context.stdout.on('error', stop.request); // a closed pipe: nobody reads on
  const metrics = attachMetricsWriter(events, store, runId, { everyMs: METRICS_EVERY_MS });
  attachSampleWriter(events, store, runId);
  if (json) events.on('iteration', (report) => printLine(context, metricsLine(report)));
  const failed = new Map<string, number>();
  events.on('resent', ({ reason }) => {
    if (!failed.has(reason)) note(`A job was sent again: ${reason}`);
    failed.set(reason, (failed.get(reason) ?? 0) + 1);
  });
  try {
    const status = await advanceLocally(store, runId, {
      workers,
      events,
      shouldStop: () => stop.requested,
      onWorkers: (ready) => display?.setWorkers(ready),
      onWait: (owner, ms) =>
        note(`Waiting ${Math.ceil(ms / 1000)} s for the lease of ${owner} to run out`),
    });
    display?.close();
    await writeReport(store, runId);
    await tellOutcome(context, store, runId, status);
    return status;
  } catch (error) {
    await metrics.flush().catch(() => {}); // the error itself matters more
    throw error;
  } finally {
    display?.close();
    context.stdout.off('error', stop.request);
    stop.close();
  }
}
