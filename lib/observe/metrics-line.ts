import { z } from 'zod';
import type { IterationReport, StepReport } from '../run/events.ts';
import { jsonNumberSchema, jsonNumbers } from './json-number.ts';

const count = z.number().int().nonnegative();

const stepSchema = z.object({
  step: count,
  phase: z.string(),
  publishMs: z.number(),
  dispatchMs: z.number(),
  computeMs: z.number(),
  collectMs: z.number(),
  applyMs: z.number(),
});

/** Every other key is a metric: which there are is the program's choice. */
const lineSchema = z
  .object({ iteration: count, epoch: count, ms: z.number(), steps: z.array(stepSchema) })
  .catchall(jsonNumberSchema);

/** An iteration as a line of a metrics object; its timing is kept to the microsecond. */
export function formatMetricsLine(report: IterationReport): string {
  const { iteration, epoch, metrics } = report;
  const own = { iteration, epoch, ms: round(report.ms), steps: report.steps.map(stepLine) };
  return JSON.stringify(Object.assign({ iteration, epoch }, jsonNumbers(metrics), own));
}

/** @throws SyntaxError or ZodError when the line is not an iteration's */
export function parseMetricsLine(line: string): IterationReport {
  const { iteration, epoch, ms, steps, ...metrics } = lineSchema.parse(JSON.parse(line));
  return {
    iteration,
    epoch,
    metrics,
    ms,
    steps: steps.map(({ step, phase, ...timing }) => ({ step, phase, timing })),
  };
}

function stepLine({ step, phase, timing }: StepReport) {
  const rounded = Object.entries(timing).map(([part, ms]) => [part, round(ms)]);
  return { step, phase, ...Object.fromEntries(rounded) };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
