import { Code } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { classifierKeyPattern, datasetKeyPattern } from '../lib/data/dataset-meta.ts';
import { keyPatterns } from '../lib/run/record/keys.ts';
import { TrainerFunction } from './trainer-function.ts';
import type { TrainerResources } from './trainer-resources.ts';
import { stageWorkerImage, workerImageCode } from './worker-image.ts';

/** The functions that do jobs, each one job at a time. */
export class WorkerFleet extends Construct {
  readonly worker: TrainerFunction;

  constructor(scope: Construct, id: string, resources: TrainerResources) {
    super(scope, id);
    const { settings, plan, bucket, jobs, replies, environment, bundle } = resources;
    const folder = bundle('worker');
    this.worker = new TrainerFunction(this, 'Worker', {
      description: `Lambduel: computes gradients (${plan.backend})`,
      code:
        plan.packaging === 'image'
          ? workerImageCode(stageWorkerImage(folder))
          : Code.fromAsset(folder),
      memory: settings.workerMemory,
      timeout: settings.workerTimeout,
      logRetentionDays: settings.logRetentionDays,
      environment,
    });
    const { role } = this.worker;
    // No batches: jobs are long, and each has its own time limit and deliveries.
    this.worker.function.addEventSource(
      new SqsEventSource(jobs.queue, {
        batchSize: 1,
        maxConcurrency: settings.concurrency,
        reportBatchItemFailures: true,
      }),
    );
    bucket.permit(role, ['s3:GetObject'], [keyPatterns.weights, datasetKeyPattern]);
    // Reading is needed too: a repeated request compares its bytes with the existing object.
    bucket.permit(
      role,
      ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'],
      [keyPatterns.gradients],
    );
    bucket.permit(role, ['s3:GetObject', 's3:PutObject'], [keyPatterns.lanes]);
    bucket.permit(role, ['s3:PutObject'], [classifierKeyPattern]);
    bucket.permitList(role, [keyPatterns.all, datasetKeyPattern]);
    if (settings.ownPrograms) bucket.permitPrograms(role);
    replies.permitSend(role);
  }
}
