import type { MetricSpec } from './metric-spec.ts';
import type { PhaseSpec, Program } from './program.ts';

/** What a phase reports: its loss, then its statistics, in the order of `PhaseLoss`. */
export function phaseMetrics({ lossMetric, statistics }: PhaseSpec): readonly MetricSpec[] {
  return [lossMetric, ...statistics];
}

/** All metrics of a program, each once, in the order in which they are shown. */
export function metricsOf({ phases, columns = [] }: Program): readonly MetricSpec[] {
  const declared = new Map(phases.flatMap(phaseMetrics).map((metric) => [metric.name, metric]));
  const names = [...columns, ...[...declared.keys()].filter((name) => !columns.includes(name))];
  return names.flatMap((name) => declared.get(name) ?? []);
}
