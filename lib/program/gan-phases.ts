import { ganMetrics } from './gan-metrics.ts';
import type { PhaseSpec } from './program.ts';

/** The losses of a GAN's two networks. */
export interface GanLosses {
  /** Its statistics are one scalar: `ganMetrics.dReal`. */
  readonly D: PhaseSpec['loss'];
  /** Its statistics are two scalars: `ganMetrics.dFake` and `ganMetrics.maxPixel`. */
  readonly G: PhaseSpec['loss'];
}

/** The phases of a GAN: one step of the discriminator D, then two of the generator G. */
export function ganPhases(losses: GanLosses): readonly PhaseSpec[] {
  const phaseD: PhaseSpec = {
    name: 'D',
    network: 'D',
    needsReal: true,
    lossMetric: ganMetrics.dCost,
    statistics: [ganMetrics.dReal],
    loss: losses.D,
  };
  const phaseG: PhaseSpec = {
    name: 'G',
    network: 'G',
    needsReal: false,
    lossMetric: ganMetrics.gCost,
    statistics: [ganMetrics.dFake, ganMetrics.maxPixel],
    loss: losses.G,
  };
  return [phaseD, phaseG, phaseG];
}
