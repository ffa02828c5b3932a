import { InvalidDataError } from '../errors.ts';
import type { MetricSpec } from '../program/metric-spec.ts';
import { metricsOf } from '../program/metrics.ts';
import type { ProgramRegistry } from '../program/registry.ts';
import type { RunConfig } from '../run/record/config.ts';
import { scoreTitles } from '../score/metrics.ts';

/** Scores differ in size, so each has its own chart. */
const SCORES: readonly MetricSpec[] = Object.entries(scoreTitles).map(([name, title]) => ({
  name,
  title,
  reduction: 'mean',
  chart: { id: `score-${name.toLowerCase()}`, title, range: null },
}));

/**
 * The metrics that a run's program declares, in the order in which they are shown. None for a
 * program that is not known here: its metrics are shown by their names.
 */
export function declaredMetrics(
  programs: ProgramRegistry,
  { program, scoreEvery, display }: Pick<RunConfig, 'program' | 'scoreEvery' | 'display'>,
): readonly MetricSpec[] {
  try {
    const own = display?.metrics ?? metricsOf(programs.create(program));
    return [...own, ...(scoreEvery > 0 ? SCORES : [])];
  } catch (error) {
    if (error instanceof InvalidDataError) return [];
    throw error;
  }
}

/** An iteration's metrics with their titles: the declared ones first, then any others. */
export function titledMetrics(
  declared: readonly MetricSpec[],
  metrics: Readonly<Record<string, number>>,
): { readonly name: string; readonly title: string; readonly value: number }[] {
  const known = new Set(declared.map(({ name }) => name));
  const others = Object.keys(metrics).filter((name) => !known.has(name));
  return [...declared, ...others.map((name) => ({ name, title: name }))].flatMap(
    ({ name, title }) => {
      const value = metrics[name];
      return value === undefined ? [] : [{ name, title, value }];
    },
  );
}
