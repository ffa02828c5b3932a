import { ensureDigits } from '../lib/data/digits.ts';
import type { TrainSettings } from '../lib/run/record/settings.ts';
import type { Store } from '../lib/store/store.ts';
import { FEW_DIGITS, packFewDigits } from '../support/few-digits.ts';
import { cadence, type PlanOptions, type RunOptions } from './plan.ts';
import { storeProgram } from './program.ts';

/** Examples: a few iterations. */
const HALF_LIFE = 500;
/** So few that a score takes no longer than some iterations. */
const SCORED = 20;

/** The seed and length of a run whose weights another one begins with. */
export const BEFORE = { iterations: 2, localIterations: 0, scoreEvery: 0, seed: 1 } as const;

/** The settings of a run that is to be disturbed. @param size of `digits`, which may be any */
export function runSettings(
  options: RunOptions,
  size: { readonly iterations: number; readonly batch: number; readonly shards: number },
): TrainSettings {
  const {
    seed,
    localIterations = 0,
    preset = 'digits',
    scoreEvery = 0,
    wire,
    weightsWire,
  } = options;
  const travel = { wire, weightsWire };
  const common = { ...size, seed, localIterations, ...travel, ...cadence(localIterations) };
  const scored = scoreEvery > 0 ? { scoreEvery, scoreCount: SCORED } : {};
  const dataset = usesFew(options) ? { dataset: FEW_DIGITS } : {};
  const settings = { preset, ...common, ...dataset, ...scored, emaHalfLife: HALF_LIFE };
  if (preset === 'digits') return settings;
  return { ...settings, features: 4, conditional: true, batch: 64, shards: 2 };
}

/**
 * Put into a store what a run needs: its dataset, and its program if that is a file.
 *
 * @returns the setting that names such a program
 */
export async function putInputs(
  store: Store,
  options: PlanOptions,
): Promise<Pick<TrainSettings, 'program'>> {
  await (usesFew(options) ? packFewDigits(store) : ensureDigits(store));
  const { program } = options;
  return program === undefined ? {} : storeProgram(store, program);
}

/** Scores and labels are wanted of a dataset that is small, and mirrored. */
function usesFew({ preset = 'digits', scoreEvery = 0 }: PlanOptions): boolean {
  return preset === 'dcgan' || scoreEvery > 0;
}
