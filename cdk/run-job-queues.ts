import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allJobQueues } from '../lib/run/record/keys.ts';
import { RunQueues } from './run-queues.ts';

/** The queues that resident workers take the jobs of their run from. */
export class RunJobQueues extends RunQueues {
  /** @param prefix begins the names of all queues that the stack's functions make */
  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id, prefix, allJobQueues);
  }

  /** Let a coordinator make a queue, send jobs and remove it. */
  permitSend(role: IRole): void {
    this.permit(role, ['CreateQueue', 'TagQueue', 'GetQueueUrl', 'SendMessage', 'DeleteQueue']);
  }

  /** Let a worker take jobs. */
  permitServe(role: IRole): void {
    this.permit(role, [
      'GetQueueUrl',
      'ReceiveMessage',
      'ChangeMessageVisibility',
      'DeleteMessage',
    ]);
  }
}
