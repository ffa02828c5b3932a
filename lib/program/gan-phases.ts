import { ganMetrics } from './gan-metrics.ts';
import type { PhaseSpec } from './program.ts';

/** The losses of a GAN's two networks. */
export interface GanLosses {
  readonly D: PhaseSpec['loss'];
  readonly G: PhaseSpec['loss'];
}

/** How a GAN's phases differ from those of the built-in programs. */
export interface GanPhasesOptions {
  /** Steps of each network in an iteration, at least 1. Default: 1 of D, and 2 of G. */
  readonly steps?: { readonly D?: number; readonly G?: number };
}

/**
 * The phases of a GAN: steps of the discriminator D, then those of the generator G, each with fresh
 * noise.
 *
 * @throws Error when a number of steps is not a whole number of at least 1
 */
export function ganPhases(
  losses: GanLosses,
  { steps: { D = 1, G = 2 } = {} }: GanPhasesOptions = {},
): readonly PhaseSpec[] {
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
  return [...repeated(phaseD, D), ...repeated(phaseG, G)];
}

/** The same object, so that it is compiled once. */
function repeated(phase: PhaseSpec, steps: number): PhaseSpec[] {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new Error(`A GAN has at least one step of ${phase.name}, and whole steps, not ${steps}`);
  }
  return new Array<PhaseSpec>(steps).fill(phase);
}
