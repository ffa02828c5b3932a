import type { Clock } from '../../run/clock.ts';
import type { RunEventBus } from '../../run/events.ts';
import { formatCount, formatDuration, formatInteger, formatMetric } from '../format.ts';
import { titledMetrics } from '../titled-metrics.ts';
import type { Progress, ProgressState } from './progress-state.ts';
import type { ConsoleStream, Reporter } from './reporter.ts';

/** Milliseconds between two lines, so that a log stays readable. */
const LINE_MS = 1000;

/**
 * Writes one line per iteration where nothing can be redrawn: at most one per second, but always
 * the first and the last.
 */
export function attachLineReporter(
  bus: RunEventBus,
  state: ProgressState,
  stream: ConsoleStream,
  clock: Pick<Clock, 'now'>,
): Reporter {
  let writtenAt = Number.NEGATIVE_INFINITY;
  let pending = false;
  let closed = false;
  const write = (line: string): void => {
    if (!closed) stream.write(`${line}\n`);
  };
  const writeIteration = (): void => {
    writtenAt = clock.now();
    pending = false;
    write(iterationLine(state.current));
  };
  bus.on('iteration', () => {
    pending = true;
    const { iteration, config } = state.current;
    const last = iteration === config?.iterations;
    if (last || clock.now() - writtenAt >= LINE_MS) writeIteration();
  });
  bus.on('ended', () => {
    if (pending) writeIteration();
    write(endLine(state.current));
  });
  return {
    note: write,
    close: () => {
      if (pending) writeIteration();
      closed = true;
    },
  };
}

function iterationLine(progress: Progress): string {
  const { iteration, config, declared, metrics, examplesPerSecond, remainingMs } = progress;
  const { workers, resent } = progress;
  const total = formatInteger(config?.iterations ?? 0);
  const parts = [`iteration ${formatInteger(iteration).padStart(total.length)}/${total}`];
  for (const { title, value } of titledMetrics(declared, metrics)) {
    parts.push(`${title} ${formatMetric(value)}`);
  }
  if (examplesPerSecond) parts.push(`${formatInteger(examplesPerSecond)} examples/s`);
  if (remainingMs) parts.push(`${formatDuration(remainingMs)} left`);
  if (workers !== undefined) parts.push(formatCount(workers, 'worker'));
  if (resent > 0) parts.push(`${formatInteger(resent)} resent`);
  return parts.join('  ');
}

function endLine({ status, iteration, config, elapsedMs, startedAt }: Progress): string {
  const here = formatCount(iteration - startedAt, 'iteration');
  const where =
    status === 'finished' ? '' : ` after ${iteration} of ${formatInteger(config?.iterations ?? 0)}`;
  return `${status}${where}: ${here} in ${formatDuration(elapsedMs)}`;
}
