import type { DatasetMeta } from '../lib/data/dataset-meta.ts';
import { ensureDigits } from '../lib/data/digits.ts';
import type { TrainSettings } from '../lib/run/record/settings.ts';
import type { Store } from '../lib/store/store.ts';
import { FEW_DIGITS, packFewDigits } from '../support/few-digits.ts';
import { cadence, type PlanOptions } from './plan.ts';

/** Examples: a few iterations. */
const HALF_LIFE = 500;
/** So few that a score takes no longer than some iterations. */
const SCORED = 20;

/** The settings of a run that is to be disturbed. @param size of `digits`, which may be any */
export function runSettings(
  options: PlanOptions,
  size: { readonly iterations: number; readonly batch: number; readonly shards: number },
): TrainSettings {
  const { seed, localIterations = 0, preset = 'digits', scoreEvery = 0 } = options;
  const common = { ...size, seed, localIterations, ...cadence(localIterations) };
  const scored = scoreEvery > 0 ? { scoreEvery, scoreCount: SCORED } : {};
  const dataset = usesFew(options) ? { dataset: FEW_DIGITS } : {};
  const settings = { preset, ...common, ...dataset, ...scored, emaHalfLife: HALF_LIFE };
  if (preset === 'digits') return settings;
  return { ...settings, features: 4, conditional: true, batch: 64, shards: 2 };
}

/** Put the dataset of a run into a store. */
export function packFor(store: Store, options: PlanOptions): Promise<DatasetMeta> {
  return usesFew(options) ? packFewDigits(store) : ensureDigits(store);
}

/** Scores and labels are wanted of a dataset that is small, and mirrored. */
function usesFew({ preset = 'digits', scoreEvery = 0 }: PlanOptions): boolean {
  return preset === 'dcgan' || scoreEvery > 0;
}
