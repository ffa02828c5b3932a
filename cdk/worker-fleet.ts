import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { TrainerResources } from './trainer-resources.ts';
import { WorkerFunction } from './worker-function.ts';

/** The functions that do the jobs of the stack's queue, each one job at a time. */
export class WorkerFleet extends Construct {
  readonly worker: WorkerFunction;

  constructor(scope: Construct, id: string, resources: TrainerResources) {
    super(scope, id);
    const { settings, jobs } = resources;
    this.worker = new WorkerFunction(this, 'Worker', resources, {
      description: 'Lambduel: computes gradients',
      timeout: settings.workerTimeout,
    });
    // No batches: jobs are long, and each has its own time limit and deliveries.
    this.worker.function.addEventSource(
      new SqsEventSource(jobs.queue, {
        batchSize: 1,
        maxConcurrency: settings.concurrency,
        reportBatchItemFailures: true,
      }),
    );
  }
}
