import type { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { StepPart } from '../run/events.ts';

/** How long a part of a step takes, such as `PublishMs`. */
export type StepMetric = `${Capitalize<StepPart>}Ms`;

/** What the functions measure, by name. */
export type MetricName =
  | 'Iterations'
  | 'IterationMs'
  | StepMetric
  | 'JobsHedged'
  | 'JobsResent'
  | 'RunsInProgress'
  | 'RunsRestarted'
  | 'WorkersReplaced';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** A function's metrics. The stack's dashboard and alarms read what is added to them. */
export interface MetricsSink {
  addMetric(name: MetricName, unit: Unit, value: number): unknown;
}

/** The metric of a part of a step. */
export function stepMetric(part: StepPart): StepMetric {
  const [first = '', ...rest] = part;
  return `${first.toUpperCase()}${rest.join('')}Ms` as StepMetric;
}
