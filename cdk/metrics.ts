import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS_NAMESPACE } from '../lib/cloud/environment.ts';
import type { MetricName } from '../lib/cloud/metric-names.ts';

/** How all metrics are looked at: by the minute. */
export const PERIOD = Duration.minutes(1);

/**
 * The metrics of one stack's functions. The functions write them to their logs, from which
 * CloudWatch reads them. Their only dimension is the stack's name.
 */
export class TrainerMetrics {
  readonly #dimensionsMap: Readonly<Record<string, string>>;

  constructor(stackName: string) {
    this.#dimensionsMap = { service: stackName };
  }

  /** How often, by the minute. */
  sum(metricName: MetricName, label?: string): IMetric {
    return this.#metric(metricName, Stats.SUM, label);
  }

  /** The highest of each minute. */
  highest(metricName: MetricName, label?: string): IMetric {
    return this.#metric(metricName, Stats.MAXIMUM, label);
  }

  /** The mean of each minute. */
  mean(metricName: MetricName, label?: string): IMetric {
    return this.#metric(metricName, Stats.AVERAGE, label);
  }

  #metric(metricName: MetricName, statistic: string, label: string = metricName): IMetric {
    const dimensionsMap = this.#dimensionsMap;
    const namespace = METRICS_NAMESPACE;
    return new Metric({ namespace, metricName, dimensionsMap, statistic, label, period: PERIOD });
  }
}
