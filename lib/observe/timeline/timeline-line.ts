import { z } from 'zod';
import type { IterationReport } from '../../run/events.ts';
import type { JobTrace, StepTrace } from '../../run/step-trace.ts';
import { jobTraceSchema } from '../../wire/messages.ts';
import { roundMs } from '../format.ts';

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
/** Bounds times, so that sums of them are exact enough to be compared. */
const MAX_MS = 1e12;
const ms = z.number().nonnegative().max(MAX_MS);

const jobSchema = z.object({
  index: count,
  worker: z.string().max(128).optional(),
  attempts: count.min(1),
  sentMs: ms,
  answeredMs: ms,
  takenMs: ms,
  summedMs: ms,
  timing: z.object({ loadMs: ms, compileMs: ms.optional(), computeMs: ms, encodeMs: ms }),
  told: jobTraceSchema.optional(),
});

const lineSchema = z.object({
  iteration: count,
  epoch: count,
  step: count,
  phase: z.string(),
  startMs: ms,
  date: count,
  publishedMs: ms,
  collectedMs: ms,
  appliedMs: ms,
  jobs: z.array(jobSchema),
});

/** A step, or a round of local iterations, with the moments of its jobs. */
export interface TimelineStep extends StepTrace {
  /** The first one, where it is a round. */
  readonly iteration: number;
  readonly epoch: number;
  readonly step: number;
  readonly phase: string;
}

/** The traced steps of an iteration. */
export function timelineSteps({ iteration, epoch, steps }: IterationReport): TimelineStep[] {
  return steps.flatMap(({ step, phase, trace }) =>
    trace ? [{ iteration, epoch, step, phase, ...trace }] : [],
  );
}

/**
 * A step as a line of an object of the timeline. Times are rounded to microseconds, and what cannot be
 * true is moved into the bounds: a worker may say anything, and a difference of times may be negative.
 */
export function formatTimelineLine(step: TimelineStep): string {
  return JSON.stringify(step, (key, value: unknown) =>
    typeof value === 'number' && key.endsWith('Ms')
      ? Math.min(MAX_MS, Math.max(0, roundMs(value)))
      : value,
  );
}

/** @throws SyntaxError or ZodError when the line is not a step's */
export function parseTimelineLine(line: string): TimelineStep {
  const { jobs, ...step } = lineSchema.parse(JSON.parse(line));
  return { ...step, jobs: jobs as readonly JobTrace[] };
}
