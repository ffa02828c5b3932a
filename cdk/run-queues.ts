import { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { permit } from './permissions.ts';

/**
 * Queues that coordinators make, one of a kind per run and epoch, so they are not resources of the
 * stack. The stack only says who may do what with queues of such names.
 */
export class RunQueues extends Construct {
  readonly #arns: string;

  /**
   * @param prefix begins the names of all queues that the stack's functions make
   * @param kind continues the names of the queues of one kind
   */
  constructor(scope: Construct, id: string, prefix: string, kind: string) {
    super(scope, id);
    this.#arns = Stack.of(this).formatArn({ service: 'sqs', resource: `${prefix}${kind}*` });
  }

  /** Let the watchdog find and remove what a crash left. */
  permitSweep(role: IRole): void {
    this.permit(role, ['GetQueueUrl', 'DeleteQueue']);
    permit(role, {
      actions: ['sqs:ListQueues'],
      resources: ['*'],
      wildcardBecause: 'SQS knows no resource for ListQueues; it tells names and nothing else.',
    });
  }

  protected permit(role: IRole, actions: readonly string[]): void {
    permit(role, {
      actions: actions.map((action) => `sqs:${action}`),
      resources: [this.#arns],
      wildcardBecause:
        "Coordinators make a queue for each run and epoch; the prefix is this stack's alone.",
    });
  }
}
