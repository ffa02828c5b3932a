import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allRepliesQueues } from '../lib/run/record/keys.ts';
import { RunQueues } from './run-queues.ts';

/** The queues that answers come back on. */
export class ReplyQueues extends RunQueues {
  /** @param prefix begins the names of all queues that the stack's functions make */
  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id, prefix, allRepliesQueues);
  }

  /** Let a worker answer. */
  permitSend(role: IRole): void {
    this.permit(role, ['GetQueueUrl', 'SendMessage']);
  }

  /** Let a coordinator make a queue, read it and remove it. */
  permitUse(role: IRole): void {
    this.permit(role, [
      'CreateQueue',
      'TagQueue',
      'GetQueueUrl',
      'ReceiveMessage',
      'ChangeMessageVisibility',
      'DeleteMessage',
      'DeleteQueue',
    ]);
  }
}
