import { type IterationReport, type StepTiming, timingOf } from '../lib/run/events.ts';
import { median, round } from './processes.ts';

/** What the benches take from an iteration's report. */
export type Timed = Pick<IterationReport, 'ms' | 'steps'>;

/** An iteration's milliseconds, and those of the parts of its steps. */
export interface Times extends StepTiming {
  readonly msPerIteration: number;
}

/** The medians of iterations and of their steps' parts. */
export function medianTimes(reports: readonly Timed[]): Times {
  const steps = reports.flatMap((report) => report.steps);
  return {
    msPerIteration: round(median(reports.map(({ ms }) => ms))),
    ...timingOf((part) => round(median(steps.map(({ timing }) => timing[`${part}Ms`])))),
  };
}
