import type { RunConfig } from '../record/config.ts';
import type { AggregationFactory } from './aggregation.ts';
import { withAveragedGenerator } from './averaged-generator.ts';
import { everyStep } from './every-step/every-step.ts';
import { localIterations } from './local-iterations/local-iterations.ts';

/** The aggregation that a run's config asks for. */
export function aggregationOf(config: RunConfig): AggregationFactory {
  const aggregation = config.localIterations > 0 ? localIterations : everyStep;
  return config.emaHalfLife > 0 ? withAveragedGenerator(aggregation) : aggregation;
}
