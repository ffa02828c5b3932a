import type { Colors } from 'picocolors/types.js';
import { formatCount, formatDuration, formatInteger, formatMetric } from '../format.ts';
import { titledMetrics } from '../titled-metrics.ts';
import type { Progress } from './progress-state.ts';
import { fitLine, type Span } from './text.ts';

const MAX_BAR = 48;
const MIN_BAR = 8;
const GAP = 3;

/**
 * A run as a block of lines, none wider than `width`, which a terminal shows while it trains. What
 * does not fit into a narrow terminal is left out or cut off.
 */
export function renderLiveBlock(progress: Progress, width: number, colors: Colors): string[] {
  const lines: (readonly Span[])[] = [title(progress, colors)];
  if (progress.config) {
    lines.push(bar(progress, progress.config.iterations, width, colors));
    lines.push(...columns(progress, width, colors));
    lines.push(pace(progress, width, colors));
  }
  for (const note of progress.notes) lines.push([{ text: note, paint: colors.yellow }]);
  return lines.map((spans) => fitLine(spans, width));
}

function title({ config, status }: Progress, colors: Colors): Span[] {
  if (!config) return [{ text: 'Waiting for the run to start', paint: colors.dim }];
  const paint = { finished: colors.green, failed: colors.red, running: colors.cyan } as const;
  return [
    { text: status === 'running' ? 'training' : status, paint: statusPaint(status, paint, colors) },
    { text: '  ' },
    { text: config.runId, paint: colors.bold },
    { text: `  ${config.preset}`, paint: colors.dim },
  ];
}

function statusPaint(
  status: Progress['status'],
  paint: Readonly<Record<string, Colors['red']>>,
  colors: Colors,
) {
  return paint[status] ?? colors.yellow;
}

function bar({ iteration }: Progress, total: number, width: number, colors: Colors): Span[] {
  const done = Math.min(1, iteration / total);
  const percent = `${Math.floor(100 * done)}%`.padStart(4);
  const count = `${formatInteger(iteration)} / ${formatInteger(total)}`;
  const label = `  ${percent}  ${count}`;
  const room = Math.min(MAX_BAR, width - label.length);
  if (room < MIN_BAR) return [{ text: label.trimStart() }];
  const filled = Math.floor(room * done);
  return [
    { text: '━'.repeat(filled), paint: colors.cyan },
    { text: '─'.repeat(room - filled), paint: colors.dim },
    { text: `  ${percent}`, paint: colors.bold },
    { text: `  ${count}` },
  ];
}

/** A row of headings and a row of values. Columns that do not fit are left out. */
function columns(progress: Progress, width: number, colors: Colors): Span[][] {
  const { iteration, declared, metrics } = progress;
  const cells = [
    { title: 'iteration', value: formatInteger(iteration) },
    ...titledMetrics(declared, metrics).map(({ title, value }) => ({
      title,
      value: formatMetric(value),
    })),
  ];
  let [headings, values] = ['', ''];
  for (const { title, value } of cells) {
    const gap = headings === '' ? 0 : GAP;
    const size = Math.max(title.length, value.length) + gap;
    if (headings.length + size > width) break;
    headings += title.padStart(size);
    values += value.padStart(size);
  }
  return [[{ text: headings, paint: colors.dim }], [{ text: values }]];
}

/** The pace, most useful parts first. Parts that do not fit are left out. */
function pace(progress: Progress, width: number, colors: Colors): Span[] {
  const { examplesPerSecond, remainingMs, workers, resent, checkpoint, status } = progress;
  const parts: string[] = [];
  if (examplesPerSecond) parts.push(`${formatInteger(examplesPerSecond)} examples/s`);
  if (status === 'running' && remainingMs !== undefined) {
    parts.push(`${formatDuration(remainingMs)} left`);
  }
  if (workers !== undefined) parts.push(formatCount(workers, 'worker'));
  parts.push(`${formatDuration(progress.elapsedMs)} elapsed`);
  if (checkpoint !== undefined) parts.push(`checkpoint ${formatInteger(checkpoint)}`);
  if (resent > 0) parts.push(`${formatInteger(resent)} resent`);
  const text = parts.reduce((line, part) => {
    const longer = line === '' ? part : `${line}   ${part}`;
    return longer.length <= width ? longer : line;
  }, '');
  return [{ text, paint: colors.dim }];
}
