import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
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

  constructor(scope: Construct, id: string, resources: TrainerResources) {
    super(scope, id);
    const { settings, bucket, jobs, replies, environment, bundle } = resources;
    this.coordinator = new TrainerFunction(this, 'Coordinator', {
      description: 'Lambduel: starts runs and advances them',
      code: Code.fromAsset(bundle('coordinator')),
      memory: settings.coordinatorMemory,
      timeout: settings.coordinatorTimeout,
      logRetentionDays: settings.logRetentionDays,
      environment,
      // It hands its run over to itself before its time is over. Lambda would stop that after 16
      // times.
      recursiveLoop: RecursiveLoop.ALLOW,
      // A failed run must not start again by itself. The watchdog restarts one that crashed.
      retryAttempts: 0,
    });
    const { role, function: self } = this.coordinator;
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
    // Not in the role's own policy, which the function depends on: this one names the function.
    new Policy(this, 'HandOver', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [self.functionArn],
        }),
      ],
    });
  }
}
