import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { functionEnvironment } from '../../lib/cloud/environment.ts';
import { createMetrics, measureRun, measureWatch } from '../../lib/cloud/telemetry.ts';
import { RunEventBus, timingOf } from '../../lib/run/events.ts';
import { testFolders } from '../support/folders.ts';
import { resourceOf, resourcesOf, type Synthesised, synthesise } from './synth.ts';

const newFolder = testFolders();
let stack: Synthesised;
let told: Synthesised;
beforeAll(async () => {
  stack = synthesise(await newFolder());
  told = synthesise(await newFolder(), { alarmEmail: 'someone@example.org' });
});

describe('an alarm', () => {
  it('tells of dead letters at once', () => {
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [
        {
          Name: 'QueueName',
          Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsDeadLetters'), 'QueueName'] },
        },
      ],
      Statistic: 'Maximum',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
    });
  });

  it("tells of a coordinator's errors", () => {
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'Errors',
      Dimensions: [
        { Name: 'FunctionName', Value: { Ref: Match.stringLikeRegexp('^Coordination') } },
      ],
      Statistic: 'Sum',
      Threshold: 1,
      EvaluationPeriods: 1,
    });
  });

  it('tells of a run without progress after ten minutes', () => {
    stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([
        Match.objectLike({
          Expression: 'IF(FILL(runs, 0) > 0 AND FILL(iterations, 0) == 0, 1, 0)',
        }),
        Match.objectLike({ Id: 'runs', MetricStat: Match.objectLike({ Period: 60 }) }),
      ]),
      Threshold: 1,
      EvaluationPeriods: 10,
      DatapointsToAlarm: Match.absent(),
    });
  });

  it('is silent while nothing runs', () => {
    for (const [, { Properties }] of resourcesOf(stack, 'AWS::CloudWatch::Alarm')) {
      expect(Properties.TreatMissingData).toBe('notBreaching');
    }
  });
});

describe('with an e-mail address', () => {
  it('every alarm goes to a topic of the stack', () => {
    const [[topic]] = resourcesOf(told, 'AWS::SNS::Topic') as [[string, unknown]];
    for (const [, { Properties }] of resourcesOf(told, 'AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions).toEqual([{ Ref: topic }]);
      expect(Properties.OKActions).toEqual([{ Ref: topic }]);
    }
    told.template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'someone@example.org',
    });
  });

  it('messages are encrypted, by a key that alarms may use', () => {
    told.template.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AlarmsTopicKey'), 'Arn'] },
    });
    told.template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  it('the topic takes messages of alarms, and nothing without TLS', () => {
    told.template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: 'sns:Publish',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  it('nothing is told without one', () => {
    expect(resourcesOf(stack, 'AWS::SNS::Topic')).toEqual([]);
  });
});

const env = functionEnvironment({
  LAMBDUEL_STACK: 'Lambduel',
  LAMBDUEL_BUCKET: 'b',
  LAMBDUEL_QUEUE_PREFIX: 'p-',
  LAMBDUEL_JOB_QUEUE_URL: 'u',
  LAMBDUEL_WORKER_BACKEND: 'wasm',
});

it('alarms look where the functions write their metrics', () => {
  const metrics = createMetrics(env);
  metrics.addMetric('Iterations', 'Count', 1);
  const written = metrics.serializeMetrics();
  metrics.clearMetrics();

  const { Namespace, Dimensions } = written._aws.CloudWatchMetrics[0]!;
  stack.template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Metrics: Match.arrayWith([
      Match.objectLike({
        Id: 'iterations',
        MetricStat: Match.objectLike({
          Metric: {
            Namespace,
            MetricName: 'Iterations',
            Dimensions: Dimensions[0]!.map((Name) => ({ Name, Value: written[Name] })),
          },
        }),
      }),
    ]),
  });
});

it('the dashboard shows iterations, the parts of a step, jobs in flight and errors', () => {
  const { Properties } = resourceOf(stack, 'AWS::CloudWatch::Dashboard', 'Dashboard');
  const body = JSON.stringify(Properties.DashboardBody);
  const shown = [
    ...['Iterations', 'PublishMs', 'DispatchMs', 'ComputeMs', 'CollectMs', 'ApplyMs', 'CompileMs'],
    ...['ApproximateNumberOfMessagesNotVisible', 'Errors', 'JobsResent', 'RunsRestarted'],
  ];
  expect(shown.filter((name) => !body.includes(name))).toEqual([]);
});

it('everything that is shown is measured by a function', async () => {
  const metrics = createMetrics(env);
  const bus = new RunEventBus();
  measureRun(bus, metrics);
  const steps = [{ step: 0, phase: 'D', timing: timingOf(() => 1) }];
  await bus.emit('iteration', { iteration: 0, epoch: 1, metrics: {}, ms: 5, steps });
  const job = { round: 'step-0', index: 0, attempt: 2 };
  await bus.emit('hedged', job);
  await bus.emit('resent', { ...job, reason: 'late' });
  await bus.emit('replaced', { worker: '0.1', reason: 'late' });
  measureWatch({ inProgress: [], restarted: [], removedQueues: [] }, metrics);
  const written = metrics.serializeMetrics()._aws.CloudWatchMetrics[0]!;
  metrics.clearMetrics();
  const measured = written.Metrics.map(({ Name }) => Name);

  const { Properties } = resourceOf(stack, 'AWS::CloudWatch::Dashboard', 'Dashboard');
  const body = JSON.stringify(Properties.DashboardBody).replaceAll('\\', '');
  const shown = body.matchAll(/"Lambduel","(\w+)","service","Lambduel"/g);
  const names = [...new Set([...shown].map(([, name]) => name))];

  expect(names).toContain('Iterations');
  expect(names.filter((name) => !measured.includes(`${name}`))).toEqual([]);
});
