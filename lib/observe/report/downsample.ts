import type { IterationReport } from '../../run/events.ts';

/** Points of a curve. More cannot be seen, and make the page heavy. */
const MAX_POINTS = 600;
/** A screen shows no more. */
const DIGITS = 5;

/** A metric over time. In long runs a point stands for several iterations. */
export interface Curve {
  readonly mean: readonly (number | null)[];
  /** The extremes of the iterations that a point stands for, so that outliers stay visible. */
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** The iterations that each point of a curve stands for, in order. */
export function buckets(reports: readonly IterationReport[]): (readonly IterationReport[])[] {
  const size = Math.ceil(reports.length / MAX_POINTS);
  const count = size === 0 ? 0 : Math.ceil(reports.length / size);
  return Array.from({ length: count }, (_, i) => reports.slice(i * size, (i + 1) * size));
}

/** A metric's curve; null where it has no finite value. */
export function curveOf(
  metric: string,
  points: readonly (readonly IterationReport[])[],
): Curve | undefined {
  const [mean, min, max]: (number | null)[][] = [[], [], []];
  let found = false;
  for (const bucket of points) {
    const values = bucket.map(({ metrics }) => metrics[metric] ?? Number.NaN);
    const finite = values.filter(Number.isFinite);
    found ||= finite.length > 0;
    const sum = finite.reduce((total, value) => total + value, 0);
    mean?.push(finite.length > 0 ? round(sum / finite.length) : null);
    min?.push(finite.length > 0 ? round(Math.min(...finite)) : null);
    max?.push(finite.length > 0 ? round(Math.max(...finite)) : null);
  }
  return found ? ({ mean, min, max } as Curve) : undefined;
}

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
