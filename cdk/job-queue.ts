import { Duration } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** AWS's advice for a queue with a function, so that a job in progress is not delivered again. */
const TIMEOUTS_OF_VISIBILITY = 6;
/** After this many deliveries a job becomes a dead letter. */
const MAX_DELIVERIES = 5;

/** The queue of jobs, and the dead letters: jobs that no worker could do. */
export class JobQueue extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, { workerTimeout }: Pick<Settings, 'workerTimeout'>) {
    super(scope, id);
    const secured = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      ...secured,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new sqs.Queue(this, 'Queue', {
      ...secured,
      visibilityTimeout: Duration.seconds(TIMEOUTS_OF_VISIBILITY * workerTimeout),
      // Shorter than for dead letters: a message's age counts from when it was first sent.
      retentionPeriod: Duration.days(4),
      receiveMessageWaitTime: Duration.seconds(20),
      maxMessageSizeBytes: 1_048_576,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_DELIVERIES },
    });
  }
}
