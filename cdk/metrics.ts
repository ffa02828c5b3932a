import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE } from './function-environment.ts';

/** What the functions measure; they write it to their logs, where CloudWatch takes it from. */
export type TrainerMetric =
  | 'Iterations'
  | 'IterationMs'
  | 'PublishMs'
  | 'DispatchMs'
  | 'ComputeMs'
  | 'CompileMs'
  | 'CollectMs'
  | 'ApplyMs'
  | 'JobsHedged'
  | 'JobsResent'
  | 'RunsInProgress'
  | 'RunsRestarted';

/** How all metrics are looked at: by the minute. */
export const PERIOD = Duration.minutes(1);

/** The metrics of one stack's functions; their one dimension is the stack's name. */
export class TrainerMetrics {
  readonly #dimensionsMap: Readonly<Record<string, string>>;

  constructor(stackName: string) {
    this.#dimensionsMap = { service: stackName };
  }

  /** How often, by the minute. */
  sum(metricName: TrainerMetric, label?: string): IMetric {
    return this.#metric(metricName, Stats.SUM, label);
  }

  /** The highest of each minute. */
  highest(metricName: TrainerMetric, label?: string): IMetric {
    return this.#metric(metricName, Stats.MAXIMUM, label);
  }

  /** The mean of each minute. */
  mean(metricName: TrainerMetric, label?: string): IMetric {
    return this.#metric(metricName, Stats.AVERAGE, label);
  }

  #metric(metricName: TrainerMetric, statistic: string, label: string = metricName): IMetric {
    const dimensionsMap = this.#dimensionsMap;
    const namespace = METRICS_NAMESPACE;
    return new Metric({ namespace, metricName, dimensionsMap, statistic, label, period: PERIOD });
  }
}
