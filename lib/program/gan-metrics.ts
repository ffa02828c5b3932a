import type { ChartSpec, LossMetric, MetricSpec } from './metric-spec.ts';

const LOSSES: ChartSpec = { id: 'losses', title: 'Losses', range: null };
const VERDICTS: ChartSpec = {
  id: 'outputs',
  title: 'What D says: 1 for real, 0 for fake',
  range: [0, 1],
};

/** The metrics of a GAN of a discriminator D and a generator G. */
export interface GanMetrics {
  /** The loss of G. */
  readonly gCost: LossMetric;
  /** The loss of D. */
  readonly dCost: LossMetric;
  /** The largest value of an image. */
  readonly maxPixel: MetricSpec;
  /** The mean of what D says of generated images: 1 for real, 0 for fake. */
  readonly dFake: MetricSpec;
  /** The mean of what D says of real examples. */
  readonly dReal: MetricSpec;
}

/** What a GAN of a discriminator D and a generator G reports. */
export const ganMetrics: GanMetrics = {
  gCost: { name: 'gCost', title: 'G cost', reduction: 'mean', chart: LOSSES },
  dCost: { name: 'dCost', title: 'D cost', reduction: 'mean', chart: LOSSES },
  maxPixel: { name: 'maxPixel', title: 'largest pixel', reduction: 'max' },
  dFake: { name: 'dFake', title: 'D on fakes', reduction: 'mean', chart: VERDICTS },
  dReal: { name: 'dReal', title: 'D on reals', reduction: 'mean', chart: VERDICTS },
};

/** The order in which they are shown, whatever the order of the phases. */
export const ganColumns: readonly string[] = Object.keys(ganMetrics);
