import Table from 'cli-table3';
import type { Variant } from './quality-options.ts';
import type { Spread, Summary } from './quality-summary.ts';

const HEAD = [
  'program',
  'averaged',
  'workers',
  'shards',
  'wire',
  'target',
  'reached',
  'seconds',
  'iterations',
  'final score',
];

/** Summaries as a table for people: medians, and ranges in brackets. */
export function qualityTable(summaries: readonly Summary[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push(...summaries.map(row));
  return table.toString();
}

function row(summary: Summary): string[] {
  const { program, localIterations, workers, shards, targetScore, reached, runs } = summary;
  return [
    program,
    localIterations === 0 ? 'every step' : `every ${localIterations} iterations`,
    `${workers}`,
    `${shards}`,
    travelOf(summary),
    `${targetScore}`,
    `${reached} of ${runs.length}`,
    shown(summary.seconds, 1),
    shown(summary.iterations, 0),
    shown(summary.finalScore, 1),
  ];
}

/** How gradients travel, and weights, as `--wire` spells it. */
export function travelOf({ wire, weightsWire }: Variant): string {
  return weightsWire === 'f32' ? wire : `${wire}/${weightsWire}`;
}

function shown(spread: Spread | undefined, digits: number): string {
  if (!spread) return 'not reached';
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    value.toFixed(digits),
  );
  return `${median} (${min}-${max})`;
}
