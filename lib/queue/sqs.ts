import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueuesCommand,
  type ListQueuesCommandOutput,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { LambduelError } from '../errors.ts';
import type { QueueService, QueueSettings } from './queue.ts';
import { type Queue, QueueNotFoundError } from './queue.ts';
import { isQueueThere, queueError } from './sqs-errors.ts';
import { MAX_MESSAGE_BYTES } from './sqs-message.ts';
import { SqsQueue } from './sqs-queue.ts';
import { seconds } from './sqs-units.ts';
import { QueueUrls } from './sqs-urls.ts';

const RETENTION_SECONDS = 4 * 86_400;
/** AWS says that a new queue may not be found everywhere within its first second. */
const SETTLE_MS = 1000;
const LISTED_AT_ONCE = 1000;

/** How queues are made and found in SQS. */
export interface SqsOptions {
  /** Begins the name of every queue, so that several stacks can exist side by side. */
  readonly prefix: string;
  /** Put on the queues that are made. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The URLs of queues that were made elsewhere, by the names that they are opened by here. */
  readonly known?: Readonly<Record<string, string>>;
  /**
   * Milliseconds to wait after making a queue. Default: 1000, as AWS asks for. 0 for LocalStack.
   */
  readonly settleMs?: number;
  /** The ARN of the queue for messages that are delivered too often. */
  readonly deadLetterArn?: string | undefined;
}

/** Queues in SQS. */
export class SqsQueueService implements QueueService {
  readonly #client: SQSClient;
  readonly #options: SqsOptions;
  readonly #urls: QueueUrls;

  constructor(client: SQSClient, options: SqsOptions) {
    this.#client = client;
    this.#options = options;
    this.#urls = new QueueUrls(client, options.prefix, options.known ?? {});
  }

  open(name: string): Queue {
    return new SqsQueue(name, this.#client, this.#urls);
  }

  /** Make an encrypted queue. */
  async create(name: string, settings: QueueSettings): Promise<Queue> {
    if (this.#urls.isKnown(name)) return this.open(name);
    await this.#make(name, settings);
    await sleep(this.#options.settleMs ?? SETTLE_MS);
    return this.open(name);
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#urls.use(name, (QueueUrl) =>
        this.#client.send(new DeleteQueueCommand({ QueueUrl })),
      );
    } catch (error) {
      if (!(error instanceof QueueNotFoundError)) throw error;
    }
    this.#urls.forget(name);
  }

  /** Queues with this service's prefix. SQS may list a queue for a minute after its removal. */
  async list(prefix: string): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page: ListQueuesCommandOutput = await this.#listPage(prefix, token);
      for (const url of page.QueueUrls ?? []) {
        names.push(url.slice(url.lastIndexOf('/') + 1 + this.#options.prefix.length));
      }
      token = page.NextToken;
    } while (token !== undefined);
    return names.sort();
  }

  async #make(name: string, { visibilityMs, maxDeliveries }: QueueSettings): Promise<void> {
    const { tags } = this.#options;
    const QueueName = this.#urls.fullName(name);
    try {
      const { QueueUrl = '' } = await this.#client.send(
        new CreateQueueCommand({
          QueueName,
          Attributes: {
            SqsManagedSseEnabled: 'true',
            MaximumMessageSize: `${MAX_MESSAGE_BYTES}`,
            MessageRetentionPeriod: `${RETENTION_SECONDS}`,
            ReceiveMessageWaitTimeSeconds: '20',
            VisibilityTimeout: `${seconds(visibilityMs)}`,
            ...(maxDeliveries === undefined ? {} : this.#redrive(maxDeliveries)),
          },
          ...(tags ? { tags } : {}),
        }),
      );
      this.#urls.remember(name, QueueUrl);
    } catch (error) {
      if (!isQueueThere(error)) throw queueError(error, name);
    }
  }

  /** @throws LambduelError where there is no queue for dead letters */
  #redrive(maxReceiveCount: number): { RedrivePolicy: string } {
    const { deadLetterArn: deadLetterTargetArn } = this.#options;
    if (deadLetterTargetArn) {
      return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }) };
    }
    throw new LambduelError('A queue cannot put messages aside: there is none for dead letters', {
      hint: 'Deploy the stack again.',
    });
  }

  async #listPage(prefix: string, NextToken: string | undefined): Promise<ListQueuesCommandOutput> {
    const QueueNamePrefix = this.#options.prefix + prefix;
    try {
      return await this.#client.send(
        new ListQueuesCommand({
          ...(QueueNamePrefix === '' ? {} : { QueueNamePrefix }),
          MaxResults: LISTED_AT_ONCE,
          NextToken,
        }),
      );
    } catch (error) {
      throw queueError(error, `${QueueNamePrefix}*`);
    }
  }
}
