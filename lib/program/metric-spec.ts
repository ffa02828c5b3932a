import { z } from 'zod';

/** How shards' values of a metric become the step's: mean weighted by examples, or largest. */
export type Reduction = 'mean' | 'max';

/** A chart of the report. Metrics that name the same `id` are drawn in one. */
export interface ChartSpec {
  /** Lower-case letters, digits and hyphens. */
  readonly id: string;
  /** What is written above it. */
  readonly title: string;
  /** Fixed limits of the vertical axis; null: from the data. */
  readonly range: readonly [number, number] | null;
}

/** A number that a phase reports for each step, and how it is shown. */
export interface MetricSpec {
  /** Its key in metrics and in `--json`, such as `gCost`. */
  readonly name: string;
  /** What people read, such as `G cost`. */
  readonly title: string;
  /** How the shards' values become the step's. */
  readonly reduction: Reduction;
  /** Where the report draws it. Default: nowhere. It is shown as a number only. */
  readonly chart?: ChartSpec;
}

/** How a loss is shown. The loss of a step is the mean over its examples. */
export interface LossMetric extends MetricSpec {
  /** The mean, weighted by examples. */
  readonly reduction: 'mean';
}

const title = z.string().min(1).max(100);

/** A {@link MetricSpec} of a program file, which comes from outside. */
export const metricSpecSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,31}$/, 'must be a letter, then letters, digits and "_"'),
  title,
  reduction: z.enum(['mean', 'max']),
  chart: z
    .strictObject({
      id: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be lower-case letters, digits and hyphens'),
      title,
      range: z.tuple([z.number(), z.number()]).readonly().nullable(),
    })
    .exactOptional(),
});
