import { attachConsole } from '../observe/console/attach.ts';
import { metricsLine } from '../observe/json-lines.ts';
import { declaredMetrics } from '../observe/titled-metrics.ts';
import { builtInPrograms } from '../program/built-in.ts';
import type { MetricSpec } from '../program/metric-spec.ts';
import type { RunEventBus } from '../run/events.ts';
import { type CliContext, printLine, tell } from './context.ts';

/** How a command shows a run: on standard error for people, or on standard output for machines. */
export interface Display {
  note(text: string): void;
  setWorkers(workers: number): void;
  /** Draw the last state; doing it again does nothing. */
  close(): void;
}

/**
 * Show a run by its events.
 *
 * @param json one JSON object per iteration on standard output, and no progress
 */
export function attachDisplay(context: CliContext, events: RunEventBus, json: boolean): Display {
  const programs = builtInPrograms();
  if (json) {
    let declared: readonly MetricSpec[] = [];
    events.on('started', ({ config }) => {
      declared = declaredMetrics(programs, config);
    });
    events.on('iteration', (report) => printLine(context, metricsLine(declared, report)));
    return { note: (text) => tell(context, text), setWorkers: () => {}, close: () => {} };
  }
  const { stderr, env } = context;
  return attachConsole(events, { stream: stderr, isTTY: stderr.isTTY === true, env, programs });
}
