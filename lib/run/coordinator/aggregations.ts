import type { RunConfig } from '../record/config.ts';
import type { AggregationFactory } from './aggregation.ts';
import { everyStep } from './every-step/every-step.ts';

/** The aggregation that a run's config asks for. */
export function aggregationOf(_config: RunConfig): AggregationFactory {
  return everyStep;
}
