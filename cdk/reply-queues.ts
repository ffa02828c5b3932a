import { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { allRepliesQueues } from '../lib/run/record/keys.ts';
import { permit } from './permissions.ts';

/**
 * The queues that answers come back on. Coordinators make one per run and epoch, so they are not
 * resources of the stack. The stack only says who may do what with queues of such names.
 */
export class ReplyQueues extends Construct {
  readonly #arns: string;

  /** @param prefix begins the names of all queues that the stack's functions make */
  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    this.#arns = Stack.of(this).formatArn({
      service: 'sqs',
      resource: `${prefix}${allRepliesQueues}*`,
    });
  }

  /** Let a worker answer. */
  permitSend(role: IRole): void {
    this.#permit(role, ['GetQueueUrl', 'SendMessage']);
  }

  /** Let a coordinator make a queue, read it and remove it. */
  permitUse(role: IRole): void {
    this.#permit(role, [
      'CreateQueue',
      'TagQueue',
      'GetQueueUrl',
      'ReceiveMessage',
      'ChangeMessageVisibility',
      'DeleteMessage',
      'DeleteQueue',
    ]);
  }

  /** Let the watchdog find and remove what a crash left. */
  permitSweep(role: IRole): void {
    this.#permit(role, ['GetQueueUrl', 'DeleteQueue']);
    permit(role, {
      actions: ['sqs:ListQueues'],
      resources: ['*'],
      wildcardBecause: 'SQS knows no resource for ListQueues; it tells names and nothing else.',
    });
  }

  #permit(role: IRole, actions: readonly string[]): void {
    permit(role, {
      actions: actions.map((action) => `sqs:${action}`),
      resources: [this.#arns],
      wildcardBecause:
        "Coordinators make a queue for each run and epoch; the prefix is this stack's alone.",
    });
  }
}
