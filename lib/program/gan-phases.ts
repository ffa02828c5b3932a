import { ganMetrics } from './gan-metrics.ts';
import type { PhaseSpec } from './program.ts';

/** The losses of a GAN's two networks. */
export interface GanLosses {
  /** Its statistics are one scalar: `ganMetrics.dReal`. */
  readonly D: PhaseSpec['loss'];
  /** Its statistics are two scalars: `ganMetrics.dFake` and `ganMetrics.maxPixel`. */
  readonly G: PhaseSpec['loss'];
}

/** Steps of a GAN's networks in an iteration. */
export interface GanSteps {
  /** Steps of D, which come first. Default: 1. */
  readonly D?: number;
  /** Steps of G. Default: 2. */
  readonly G?: number;
}

/** How a GAN's phases differ from those of the built-in programs. */
export interface GanPhasesOptions {
  /** How many steps there are. */
  readonly steps?: GanSteps;
}

/**
 * The phases of a GAN: steps of the discriminator D, then those of the generator G, each with fresh
 * noise.
 *
 * @param losses of both networks
 * @param options how many steps there are
 * @throws Error unless the numbers of steps are whole and at least 1
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
