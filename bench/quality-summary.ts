import { median, round } from './processes.ts';
import type { Variant } from './quality-options.ts';

/** A score in the course of a run. */
export interface CurvePoint {
  /** Iterations complete. */
  readonly iteration: number;
  /** Seconds of training until then. */
  readonly seconds: number;
  readonly score: number;
}

/** One run: its seed, and its scores in order. */
export interface ScoredRun {
  readonly seed: number;
  readonly curve: readonly CurvePoint[];
}

/** A median and its range. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** What the runs of a variant have come to. */
export interface Summary extends Variant {
  readonly targetScore: number;
  /** How many of the runs reached the score, and of these, when they did. */
  readonly reached: number;
  readonly seconds?: Spread;
  readonly iterations?: Spread;
  /** The last score of every run. */
  readonly finalScore: Spread;
  readonly runs: readonly ScoredRun[];
}

/** Sum the runs of a variant up. A run has reached a score with its first one that is as low. */
export function summarize(
  variant: Variant,
  targetScore: number,
  runs: readonly ScoredRun[],
): Summary {
  const points = runs.flatMap(({ curve }) => curve.find(({ score }) => score <= targetScore) ?? []);
  const times =
    points.length === 0
      ? {}
      : {
          seconds: spreadOf(points.map(({ seconds }) => seconds)),
          iterations: spreadOf(points.map(({ iteration }) => iteration)),
        };
  const finalScore = spreadOf(runs.map(({ curve }) => curve.at(-1)?.score ?? Number.NaN));
  return { ...variant, targetScore, reached: points.length, ...times, finalScore, runs };
}

function spreadOf(values: readonly number[]): Spread {
  return {
    median: round(median(values)),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}
