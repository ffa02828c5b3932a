import { type IterationReport, STEP_PARTS, type StepTiming } from '../../run/events.ts';

/** Milliseconds of the usual step and of a slow one. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
}

/** How long a phase's steps take. */
export interface PhaseTiming {
  readonly phase: string;
  readonly steps: number;
  readonly parts: readonly ({ readonly part: string } & Spread)[];
  readonly whole: Spread;
  /** The total of compiling, which is part of computing. */
  readonly compileMs: number;
  /** Parts of the steps' whole time, which add up to 1. */
  readonly shares: readonly { readonly part: string; readonly share: number }[];
}

/** The timing of each phase, in the order in which an iteration has them. */
export function timingByPhase(reports: readonly IterationReport[]): PhaseTiming[] {
  const phases = new Map<string, StepTiming[]>();
  for (const { phase, timing } of reports.flatMap(({ steps }) => steps)) {
    const timings = phases.get(phase);
    if (timings) timings.push(timing);
    else phases.set(phase, [timing]);
  }
  return [...phases].map(([phase, timings]) => ({
    phase,
    steps: timings.length,
    parts: STEP_PARTS.map((part) => ({
      part,
      ...spreadOf(timings.map((timing) => timing[`${part}Ms`])),
    })),
    whole: spreadOf(timings.map(wholeMs)),
    compileMs: timings.reduce((total, { compileMs }) => total + compileMs, 0),
    shares: sharesOf(timings),
  }));
}

/** The median and the 95th percentile. Both are values that occurred. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (fraction: number) => sorted[Math.ceil(fraction * sorted.length) - 1] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}

/** Workers compute while the coordinator dispatches and collects, so computing adds nothing. */
function wholeMs({ publishMs, dispatchMs, collectMs, applyMs }: StepTiming): number {
  return publishMs + dispatchMs + collectMs + applyMs;
}

/** Collecting is split into the time that the slowest worker computes and the rest. */
function sharesOf(timings: readonly StepTiming[]): PhaseTiming['shares'] {
  const sum = (part: (timing: StepTiming) => number) =>
    timings.reduce((total, timing) => total + Math.max(0, part(timing)), 0);
  const parts = [
    { part: 'publish', ms: sum(({ publishMs }) => publishMs) },
    { part: 'dispatch', ms: sum(({ dispatchMs }) => dispatchMs) },
    { part: 'compute', ms: sum(({ computeMs, collectMs }) => Math.min(computeMs, collectMs)) },
    { part: 'transfer and wait', ms: sum(({ computeMs, collectMs }) => collectMs - computeMs) },
    { part: 'apply', ms: sum(({ applyMs }) => applyMs) },
  ];
  const whole = parts.reduce((total, { ms }) => total + ms, 0) || 1;
  return parts.map(({ part, ms }) => ({ part, share: ms / whole }));
}
