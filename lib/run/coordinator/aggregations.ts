import type { RunConfig } from '../record/config.ts';
import type { AggregationFactory } from './aggregation.ts';
import { withAveragedGenerator } from './averaged-generator.ts';
import { everyStep } from './every-step/every-step.ts';
import { localIterations } from './local-iterations/local-iterations.ts';

/** An aggregation, and the runs that it is for. */
export interface AggregationEntry {
  readonly isFor: (config: RunConfig) => boolean;
  readonly create: AggregationFactory;
}

/** All aggregations. A run takes the first one that is for it. */
export const aggregations: readonly AggregationEntry[] = [
  { isFor: (config) => config.localIterations > 0, create: localIterations },
  { isFor: () => true, create: everyStep },
];

/** The aggregation that a run's config asks for. */
export function aggregationOf(
  config: RunConfig,
  entries: readonly AggregationEntry[] = aggregations,
): AggregationFactory {
  const entry = entries.find(({ isFor }) => isFor(config));
  if (!entry) throw new Error(`No aggregation is for run ${config.runId}`);
  return config.emaHalfLife > 0 ? withAveragedGenerator(entry.create) : entry.create;
}
