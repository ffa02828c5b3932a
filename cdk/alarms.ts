import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';
import type { JobQueue } from './job-queue.ts';
import { PERIOD, type TrainerMetrics } from './metrics.ts';
import type { TrainerFunction } from './trainer-function.ts';

const MINUTES_WITHOUT_PROGRESS = 10;
const MINUTES_WITHOUT_WATCHDOG = 5;
const MINUTES_OF_FAILING_WORKERS = 3;

/** What is watched. */
export interface AlarmsProps {
  readonly jobs: JobQueue;
  readonly coordinator: TrainerFunction;
  readonly resident: TrainerFunction;
  readonly watchdog: TrainerFunction;
  readonly metrics: TrainerMetrics;
  /** The address to notify. Default: none. */
  readonly email: string | undefined;
}

/** The alarms of a stack. */
export class Alarms extends Construct {
  readonly all: readonly cloudwatch.Alarm[];

  constructor(
    scope: Construct,
    id: string,
    { jobs, coordinator, resident, watchdog, ...props }: AlarmsProps,
  ) {
    super(scope, id);
    this.all = [
      this.#alarm('DeadLetters', 1, {
        alarmDescription:
          'Jobs that no worker could do. `lambduel logs` of the worker tells why; `lambduel redrive` then sends those of a run to the workers again; or purge the dead-letter queue.',
        metric: jobs.deadLetters.metricApproximateNumberOfMessagesVisible({
          period: PERIOD,
          statistic: cloudwatch.Stats.MAXIMUM,
        }),
      }),
      this.#alarm('CoordinatorErrors', 1, {
        alarmDescription:
          'A coordinator failed or was killed. The watchdog takes its run up again unless the run itself has failed: see its status and the log.',
        metric: coordinator.function.metricErrors({ period: PERIOD }),
      }),
      this.#alarm('ResidentWorkerErrors', MINUTES_OF_FAILING_WORKERS, {
        alarmDescription:
          'Resident workers fail in several minutes on end. Their coordinator replaces them, but a run without workers fails: `lambduel logs` tells why.',
        metric: resident.function.metricErrors({ period: PERIOD }),
      }),
      this.#alarm('WatchdogErrors', MINUTES_WITHOUT_WATCHDOG, {
        alarmDescription: 'The watchdog fails each minute: runs that crash are not taken up again.',
        metric: watchdog.function.metricErrors({ period: PERIOD }),
      }),
      this.#alarm('NoProgress', MINUTES_WITHOUT_PROGRESS, {
        alarmDescription:
          'A run is in progress, but no run has completed an iteration for ten minutes.',
        metric: stalled(props.metrics),
      }),
    ];
    if (props.email === undefined) return;
    const action = new SnsAction(new AlarmTopic(this, 'Topic', props.email).topic);
    for (const alarm of this.all) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  /** An alarm when a metric has been 1 or more for some minutes. */
  #alarm(
    id: string,
    minutes: number,
    props: Pick<cloudwatch.AlarmProps, 'alarmDescription' | 'metric'>,
  ): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      ...props,
      threshold: 1,
      evaluationPeriods: minutes,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}

/** 1 for each minute in which a run was in progress and no iteration was completed. */
function stalled(metrics: TrainerMetrics): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({
    expression: 'IF(FILL(runs, 0) > 0 AND FILL(iterations, 0) == 0, 1, 0)',
    label: 'Minutes without progress',
    period: Duration.minutes(1),
    usingMetrics: {
      runs: metrics.highest('RunsInProgress'),
      iterations: metrics.sum('Iterations'),
    },
  });
}
