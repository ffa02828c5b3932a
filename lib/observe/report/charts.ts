import type { IterationReport } from '../../run/events.ts';
import { METRIC_TITLES } from '../metric-titles.ts';
import { buckets, type Curve, curveOf } from './downsample.ts';

/** A line of a chart. */
export interface ChartSeries extends Curve {
  readonly title: string;
  /** Which of the page's colours it has. */
  readonly tone: number;
}

/** A chart as the page's script draws it. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** Fixed limits of the vertical axis; null: from the data. */
  readonly range: readonly [number, number] | null;
  /** The first and the last iteration that each point stands for, counted from 1. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Tone 0 is the generator's and the fakes', 1 the discriminator's and the reals'. */
const CHARTS = [
  { id: 'losses', title: 'Losses', range: null, metrics: ['gCost', 'dCost'] },
  {
    id: 'outputs',
    title: 'What D says: 1 for real, 0 for fake',
    range: [0, 1],
    metrics: ['dFake', 'dReal'],
  },
] as const;

/** The charts that a run's metrics have something for. */
export function chartsOf(reports: readonly IterationReport[]): Chart[] {
  const points = buckets(reports);
  const from = points.map((bucket) => (bucket[0]?.iteration ?? 0) + 1);
  const to = points.map((bucket) => (bucket.at(-1)?.iteration ?? 0) + 1);
  const others = Object.keys(reports.at(-1)?.metrics ?? {}).filter(
    (name) => !(name in METRIC_TITLES),
  );
  const all = [...CHARTS, { id: 'others', title: 'Other metrics', range: null, metrics: others }];
  return all.flatMap(({ id, title, range, metrics }) => {
    const series = metrics.flatMap((name, tone) => {
      const curve = curveOf(name, points);
      return curve ? [{ title: METRIC_TITLES[name] ?? name, tone, ...curve }] : [];
    });
    return series.length > 0 ? [{ id, title, range, from, to, series }] : [];
  });
}
