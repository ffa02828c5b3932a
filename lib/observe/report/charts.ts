import type { ChartSpec, MetricSpec } from '../../program/metric-spec.ts';
import type { IterationReport } from '../../run/events.ts';
import { buckets, type Curve, curveOf } from './downsample.ts';

/** A line of a chart. */
export interface ChartSeries extends Curve {
  readonly title: string;
  /** Which of the page's colours it has. */
  readonly tone: number;
}

/** A chart as the page's script draws it. */
export interface Chart extends ChartSpec {
  /** The first and the last iteration that each point stands for, counted from 1. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly series: readonly ChartSeries[];
}

/** Where metrics are drawn that no program declares. */
const OTHERS: ChartSpec = { id: 'others', title: 'Other metrics', range: null };

/** The charts that the declared metrics ask for and a run's reports have something for. */
export function chartsOf(
  declared: readonly MetricSpec[],
  reports: readonly IterationReport[],
): Chart[] {
  const points = buckets(reports);
  const from = points.map((bucket) => (bucket[0]?.iteration ?? 0) + 1);
  const to = points.map((bucket) => (bucket.at(-1)?.iteration ?? 0) + 1);
  const known = new Set(declared.map(({ name }) => name));
  const others = Object.keys(reports.at(-1)?.metrics ?? {})
    .filter((name) => !known.has(name))
    .map((name) => ({ name, title: name, chart: OTHERS }));
  return byChart([...declared, ...others]).flatMap(({ chart, metrics }) => {
    const series = metrics.flatMap(({ name, title }, tone) => {
      const curve = curveOf(name, points);
      return curve ? [{ title, tone, ...curve }] : [];
    });
    return series.length > 0 ? [{ ...chart, from, to, series }] : [];
  });
}

type Drawn = Pick<MetricSpec, 'name' | 'title' | 'chart'>;

/** Charts in the order of their first metrics. */
function byChart(metrics: readonly Drawn[]): { chart: ChartSpec; metrics: Drawn[] }[] {
  const charts = new Map<string, { chart: ChartSpec; metrics: Drawn[] }>();
  for (const metric of metrics) {
    const { chart } = metric;
    if (!chart) continue;
    const { metrics: drawn } = charts.get(chart.id) ?? { metrics: [] };
    charts.set(chart.id, { chart, metrics: [...drawn, metric] });
  }
  return [...charts.values()];
}
