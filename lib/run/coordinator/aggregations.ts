import type { RunConfig } from '../record/config.ts';
import type { AggregationFactory } from './aggregation.ts';
import { everyStep } from './every-step/every-step.ts';
import { localIterations } from './local-iterations/local-iterations.ts';

/** The aggregation that a run's config asks for. */
export function aggregationOf({ localIterations: iterations }: RunConfig): AggregationFactory {
  return iterations > 0 ? localIterations : everyStep;
}
