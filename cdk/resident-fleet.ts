import { Duration } from 'aws-cdk-lib';
import { RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { TrainerResources } from './trainer-resources.ts';
import { WorkerFunction } from './worker-function.ts';

/** Lambda's longest. Before it is over, a worker starts its successor. */
const TIMEOUT_SECONDS = 900;

/** The function of the workers that coordinators start themselves, each for one run. */
export class ResidentFleet extends Construct {
  readonly worker: WorkerFunction;

  constructor(scope: Construct, id: string, resources: TrainerResources) {
    super(scope, id);
    this.worker = new WorkerFunction(this, 'Worker', resources, {
      description: 'Lambduel: computes gradients of one run',
      module: 'resident',
      timeout: TIMEOUT_SECONDS,
      // A worker starts its successor. Lambda would stop that after 16 times.
      recursiveLoop: RecursiveLoop.ALLOW,
      // Its coordinator replaces one that failed.
      retryAttempts: 0,
      // One that could not start for a minute has been replaced.
      maxEventAge: Duration.minutes(1),
    });
    resources.runJobs.permitServe(this.worker.role);
    this.worker.permitSelf('Succession');
  }
}
