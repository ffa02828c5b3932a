import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { stepMetric } from '../lib/cloud/metric-names.ts';
import { type StepPart, TIMED_PARTS } from '../lib/run/events.ts';
import type { JobQueue } from './job-queue.ts';
import { PERIOD, type TrainerMetrics } from './metrics.ts';
import type { TrainerFunction } from './trainer-function.ts';

/** What is shown. */
export interface TrainerDashboardProps {
  readonly metrics: TrainerMetrics;
  readonly jobs: JobQueue;
  readonly coordinator: TrainerFunction;
  readonly worker: TrainerFunction;
  readonly resident: TrainerFunction;
  readonly watchdog: TrainerFunction;
  readonly alarms: readonly cloudwatch.IAlarm[];
}

const HALF = 12;
const HEIGHT = 6;
const period = PERIOD;
const PART_LABELS: Readonly<Record<StepPart, string>> = {
  publish: 'Publish weights',
  dispatch: 'Send jobs',
  compute: 'Compute',
  compile: 'Compile (part of compute)',
  collect: 'Collect answers',
  apply: 'Apply',
};

/** How the runs are doing, on one page. */
export class TrainerDashboard extends Construct {
  constructor(scope: Construct, id: string, props: TrainerDashboardProps) {
    super(scope, id);
    const dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
    });
    dashboard.addWidgets(
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...props.alarms] }),
    );
    dashboard.addWidgets(progress(props), stepTimes(props));
    dashboard.addWidgets(jobsInFlight(props), errors(props));
  }
}

function progress({ metrics }: TrainerDashboardProps): cloudwatch.GraphWidget {
  return graph('Iterations a minute', {
    left: [metrics.sum('Iterations')],
    right: [metrics.highest('RunsInProgress', 'Runs in progress')],
  });
}

function stepTimes({ metrics }: TrainerDashboardProps): cloudwatch.GraphWidget {
  return graph('Time of a step or round by part (ms)', {
    stacked: true,
    left: TIMED_PARTS.map((part) => metrics.mean(stepMetric(part), PART_LABELS[part])),
  });
}

function jobsInFlight({ jobs, worker, resident }: TrainerDashboardProps): cloudwatch.GraphWidget {
  const { MAXIMUM: statistic } = cloudwatch.Stats;
  return graph('Jobs in flight', {
    left: [
      jobs.queue.metricApproximateNumberOfMessagesNotVisible({
        label: 'With workers',
        statistic,
        period,
      }),
      jobs.queue.metricApproximateNumberOfMessagesVisible({ label: 'Waiting', statistic, period }),
      worker.function.metric('ConcurrentExecutions', { label: 'Workers', statistic, period }),
      resident.function.metric('ConcurrentExecutions', {
        label: 'Resident workers',
        statistic,
        period,
      }),
    ],
  });
}

function errors(props: TrainerDashboardProps): cloudwatch.GraphWidget {
  const { jobs, coordinator, worker, resident, watchdog, metrics } = props;
  return graph('Errors', {
    left: [
      coordinator.function.metricErrors({ label: 'Coordinator', period }),
      worker.function.metricErrors({ label: 'Worker', period }),
      resident.function.metricErrors({ label: 'Resident worker', period }),
      watchdog.function.metricErrors({ label: 'Watchdog', period }),
      worker.function.metricThrottles({ label: 'Worker throttled', period }),
      resident.function.metricThrottles({ label: 'Resident worker throttled', period }),
      jobs.deadLetters.metricApproximateNumberOfMessagesVisible({
        label: 'Dead letters',
        statistic: cloudwatch.Stats.MAXIMUM,
        period,
      }),
      metrics.sum('JobsHedged', 'Second copies of slow jobs'),
      metrics.sum('JobsResent', 'Jobs sent again'),
      metrics.sum('WorkersReplaced', 'Resident workers replaced'),
      metrics.sum('RunsRestarted', 'Runs taken up again'),
    ],
  });
}

function graph(title: string, props: cloudwatch.GraphWidgetProps): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ ...props, title, width: HALF, height: HEIGHT });
}
