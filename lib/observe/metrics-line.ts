import { z } from 'zod';
import { type IterationReport, type StepReport, timingOf } from '../run/events.ts';
import { jsonNumberSchema, jsonNumbers } from '../wire/json-number.ts';
import { roundMs } from './format.ts';

const count = z.number().int().nonnegative();

const stepSchema = z.object({
  step: count,
  phase: z.string(),
  ...timingOf(() => z.number()),
  compileMs: z.number().default(0), // most steps compile nothing, and do not say so
  missing: count.optional(),
});

/** Every other key is a metric of the program. */
const lineSchema = z
  .object({
    iteration: count,
    epoch: count,
    ms: z.number(),
    /** A step left out late shards, so the weights differ from those of all shards. */
    inexact: z.literal(true).optional(),
    steps: z.array(stepSchema),
  })
  .catchall(jsonNumberSchema);

/** An iteration as a line of a metrics object. Its timing is rounded to microseconds. */
export function formatMetricsLine(report: IterationReport): string {
  const { iteration, epoch, metrics } = report;
  const inexact = report.steps.some(({ missing = 0 }) => missing > 0) ? { inexact: true } : {};
  const own = {
    iteration,
    epoch,
    ms: roundMs(report.ms),
    ...inexact,
    steps: report.steps.map(stepLine),
  };
  return JSON.stringify(Object.assign({ iteration, epoch }, jsonNumbers(metrics), own));
}

/** @throws SyntaxError or ZodError when the line is not an iteration's */
export function parseMetricsLine(line: string): IterationReport {
  const {
    iteration,
    epoch,
    ms,
    inexact: _,
    steps,
    ...metrics
  } = lineSchema.parse(JSON.parse(line));
  return {
    iteration,
    epoch,
    metrics,
    ms,
    steps: steps.map(({ step, phase, missing, ...timing }) => ({
      step,
      phase,
      timing,
      ...(missing ? { missing } : {}),
    })),
  };
}

function stepLine({ step, phase, timing, missing }: StepReport) {
  const { compileMs, ...parts } = timingOf((part) => roundMs(timing[`${part}Ms`]));
  const compiled = compileMs > 0 ? { compileMs } : {};
  return { step, phase, ...parts, ...compiled, ...(missing ? { missing } : {}) };
}
