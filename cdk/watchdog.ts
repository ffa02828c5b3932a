import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { keyPatterns } from '../lib/run/record/keys.ts';
import { permit } from './permissions.ts';
import { TrainerFunction } from './trainer-function.ts';
import type { TrainerResources } from './trainer-resources.ts';

const MEMORY_MB = 512;
/** Shorter than the minute after which the next invocation starts. */
const TIMEOUT_SECONDS = 55;

/** The function that restarts runs whose coordinator has died. It looks once per minute. */
export class Watchdog extends Construct {
  readonly watchdog: TrainerFunction;

  constructor(
    scope: Construct,
    id: string,
    { settings, bucket, replies, runJobs, environment, bundle }: TrainerResources,
    coordinator: TrainerFunction,
  ) {
    super(scope, id);
    const { functionArn, functionName } = coordinator.function;
    this.watchdog = new TrainerFunction(this, 'Watchdog', {
      description: 'Lambduel: takes up runs whose coordinator has died',
      code: Code.fromAsset(bundle('watchdog')),
      memory: MEMORY_MB,
      timeout: TIMEOUT_SECONDS,
      logRetentionDays: settings.logRetentionDays,
      environment: { ...environment, LAMBDUEL_COORDINATOR: functionName },
      retryAttempts: 0, // the next minute tries again
    });
    const { role } = this.watchdog;
    bucket.permit(role, ['s3:GetObject'], [keyPatterns.heads, keyPatterns.configs]);
    bucket.permitList(role, [keyPatterns.all]);
    replies.permitSweep(role);
    runJobs.permitSweep(role);
    permit(role, { actions: ['lambda:InvokeFunction'], resources: [functionArn] });
    // A rule rather than EventBridge Scheduler, which does not fire on LocalStack.
    new Rule(this, 'EachMinute', {
      description: 'Lambduel: looks after the runs',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(this.watchdog.function, {
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });
  }
}
