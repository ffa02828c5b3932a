import type { IterationReport } from '../../lib/run/events.ts';
import type { JobTrace, StepTrace } from '../../lib/run/step-trace.ts';
import { iterationReport } from './support.ts';

/** The coordinator's time of day when its own clock was at 0. */
export const DATE = 1_769_903_999_000;

/** A job that was sent 2 ms after its step began, taken after 1 ms, and worked at for 10 ms. */
export function jobTrace(change: Partial<JobTrace> = {}): JobTrace {
  return {
    index: 0,
    worker: 'process 1',
    attempts: 1,
    sentMs: 2,
    answeredMs: 15,
    takenMs: 16,
    summedMs: 18,
    timing: { loadMs: 1, compileMs: 2, computeMs: 5, encodeMs: 1 },
    told: { takenAt: DATE + 3, startMs: 0.5, storeMs: 0.5 },
    ...change,
  };
}

/** A step of 20 ms. */
export function stepTrace(startMs = 0, jobs: readonly JobTrace[] = [jobTrace()]): StepTrace {
  const date = DATE + startMs;
  return { startMs, date, publishedMs: 2, collectedMs: 18, appliedMs: 20, jobs };
}

/** An iteration of three steps, 25 ms apart, of two workers each. */
export function tracedIteration(
  iteration: number,
  change: Partial<IterationReport> = {},
): IterationReport {
  const report = iterationReport(iteration, change);
  const steps = report.steps.map((step, i) => {
    const startMs = 25 * (3 * iteration + i);
    const jobs = [0, 1].map((index) =>
      jobTrace({
        index,
        worker: `process ${index + 1}`,
        summedMs: 17 + index,
        told: { takenAt: DATE + startMs + 3, startMs: 0.5, storeMs: 0.5 },
      }),
    );
    return { ...step, trace: stepTrace(startMs, jobs) };
  });
  return { ...report, steps };
}
