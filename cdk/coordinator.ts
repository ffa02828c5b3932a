import { Code, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { datasetKeyPattern } from '../lib/data/dataset-meta.ts';
import { keyPatterns } from '../lib/run/record/keys.ts';
import { permit } from './permissions.ts';
import { TrainerFunction } from './trainer-function.ts';
import type { TrainerResources } from './trainer-resources.ts';

/** The function that starts runs and advances them. */
export class Coordinator extends Construct {
  readonly coordinator: TrainerFunction;

  /** @param residents the function of workers that it starts itself */
  constructor(
    scope: Construct,
    id: string,
    resources: TrainerResources,
    residents: TrainerFunction,
  ) {
    super(scope, id);
    const { settings, bucket, jobs, replies, runJobs, environment, bundle } = resources;
    this.coordinator = new TrainerFunction(this, 'Coordinator', {
      description: 'Lambduel: starts runs and advances them',
      code: Code.fromAsset(bundle('coordinator')),
      memory: settings.coordinatorMemory,
      timeout: settings.coordinatorTimeout,
      logRetentionDays: settings.logRetentionDays,
      environment: {
        ...environment,
        LAMBDUEL_RESIDENT_WORKER: residents.function.functionName,
        LAMBDUEL_CONCURRENCY: `${settings.concurrency}`,
        LAMBDUEL_DEAD_LETTER_ARN: jobs.deadLetters.queueArn,
      },
      // It hands its run over to itself before its time is over. Lambda would stop that after 16
      // times.
      recursiveLoop: RecursiveLoop.ALLOW,
      // A failed run must not start again by itself. The watchdog restarts one that crashed.
      retryAttempts: 0,
    });
    const { role } = this.coordinator;
    bucket.permit(
      role,
      ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging', 's3:DeleteObject'],
      [keyPatterns.all],
    );
    bucket.permit(role, ['s3:GetObject', 's3:PutObject'], [datasetKeyPattern]);
    bucket.permitList(role, [keyPatterns.all, datasetKeyPattern]);
    if (settings.ownPrograms) bucket.permitPrograms(role);
    permit(role, {
      actions: ['sqs:SendMessage', 'sqs:GetQueueUrl'],
      resources: [jobs.queue.queueArn],
    });
    replies.permitUse(role);
    runJobs.permitSend(role);
    permit(role, {
      actions: ['lambda:InvokeFunction'],
      resources: [residents.function.functionArn],
    });
    this.coordinator.permitSelf('HandOver');
  }
}
