import type { RunFleet } from '../lib/run/record/head.ts';
import type { Wire } from '../lib/wire/gradient.ts';
import type { WeightsWire } from '../lib/wire/weights.ts';
import { Draws } from './draws.ts';
import type { FaultKind } from './kinds.ts';

/** One fault: what happens, and when. */
export interface Fault {
  readonly id: number;
  readonly kind: string;
  readonly variant: string;
  /** It waits until this iteration is complete. */
  readonly iteration: number;
  /** Then it lets so many operations of its kind pass. */
  readonly skip: number;
  /** And hits so many. */
  readonly times: number;
  /** How late, or how long. */
  readonly ms: number;
}

/** What a run's length and its faults follow from. */
export interface PlanOptions {
  readonly faults: number;
  readonly seed: number;
  /** Iterations of a lane between two averagings. Default: 0, every step is averaged. */
  readonly localIterations?: number;
  /** On AWS: who does the jobs. Default: event. */
  readonly fleet?: RunFleet['fleet'];
  /** What is trained. Default: `digits`. */
  readonly preset?: ChaosPreset;
  /** A program file to train instead of the preset's program. */
  readonly program?: string;
  /** Iterations from score to score. Default: 0, no scores. */
  readonly scoreEvery?: number;
}

/** What a run's settings follow from. */
export interface RunOptions extends PlanOptions {
  /** How gradients travel. Default: as in a run of the target that does not say. */
  readonly wire?: Wire;
  /** How weights travel. Default: as they are. */
  readonly weightsWire?: WeightsWire;
  /** Whether it begins with the weights of a short run before it, and not with the seed's. */
  readonly initFromRun?: boolean;
}

/** Presets that the harness trains. */
export const chaosPresets = ['digits', 'dcgan'] as const;

/** See {@link chaosPresets}. */
export type ChaosPreset = (typeof chaosPresets)[number];

/** A round of lanes has as many jobs as one step: so many rounds take an iteration's place. */
const ROUNDS = 2;

/** Iterations of a run that leaves room for as many faults as so many iterations of steps do. */
export function iterationsOf(ofSteps: number, localIterations = 0): number {
  return localIterations === 0 ? ofSteps : ROUNDS * localIterations * ofSteps;
}

/** Iterations from checkpoint to checkpoint, and from grid to grid: several rounds, where there are. */
export function cadence(localIterations = 0): { checkpointEvery: number; sampleEvery: number } {
  const each = Math.max(1, localIterations);
  return { checkpointEvery: 3 * each, sampleEvery: 10 * each };
}

/** The share of a run's iterations in which faults begin: the last ones have to find an occasion. */
const SHARE = 0.85;
const STREAM = 0xc4a05;

/**
 * Draw a plan of faults: at least one of every kind if there are enough, the others by the kinds'
 * weights, over the run's iterations. It follows from its arguments alone.
 */
export function drawPlan(
  seed: number,
  count: number,
  iterations: number,
  kinds: Readonly<Record<string, FaultKind>>,
): Fault[] {
  const draws = new Draws(seed, STREAM);
  const lots = Object.entries(kinds).flatMap(([name, { weight }]) => Array(weight).fill(name));
  const names = draws.shuffled(Object.keys(kinds)).slice(0, count);
  while (names.length < count) names.push(draws.of(lots));
  const latest = Math.max(1, Math.floor(SHARE * iterations) - 1);
  return names
    .map((kind) => {
      const { variants, skip, times, ms } = kinds[kind] as FaultKind;
      return {
        kind,
        variant: draws.of(variants),
        iteration: draws.between([1, latest]),
        skip: draws.between([0, skip]),
        times: draws.between(times),
        ms: draws.between(ms),
      };
    })
    .sort((a, b) => a.iteration - b.iteration)
    .map((fault, id) => ({ id, ...fault }));
}

/** How often each kind occurs, by name. */
export function countKinds(faults: readonly Pick<Fault, 'kind'>[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
}
