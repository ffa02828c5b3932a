import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  type ListQueuesCommandOutput,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { QueueService, QueueSettings } from './queue.ts';
import { type Message, type Queue, QueueNotFoundError } from './queue.ts';
import { readDeadLetters } from './sqs-dead-letters.ts';
import { isQueueThere, queueError } from './sqs-errors.ts';
import { MAX_MESSAGE_BYTES } from './sqs-message.ts';
import { SqsQueue } from './sqs-queue.ts';
import { seconds } from './sqs-units.ts';
import { QueueUrls } from './sqs-urls.ts';

const DAY_SECONDS = 86_400;
/** What the queue of a queue's dead letters is called. */
const DEAD = '-dead';
/** AWS says that a new queue may not be found everywhere within its first second. */
const SETTLE_MS = 1000;
const LISTED_AT_ONCE = 1000;

/** How queues are made and found in SQS. */
export interface SqsOptions {
  /** Before the name of every queue, so that several stacks live side by side. */
  readonly prefix: string;
  /** Put on the queues that are made. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The URLs of queues that were made elsewhere, by the names that they are opened by here. */
  readonly known?: Readonly<Record<string, string>>;
  /** How long to wait after making a queue. Default: 1000, as AWS wants; 0 for LocalStack. */
  readonly settleMs?: number;
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

  /** Make an encrypted queue, and one for its dead letters where `maxDeliveries` is given. */
  async create(name: string, { visibilityMs, maxDeliveries }: QueueSettings): Promise<Queue> {
    if (this.#urls.isKnown(name)) return this.open(name);
    const attributes: Attributes = {
      VisibilityTimeout: `${seconds(visibilityMs)}`,
      MessageRetentionPeriod: `${4 * DAY_SECONDS}`,
    };
    if (maxDeliveries !== undefined) {
      // Made first, and kept for longer: a message's age counts from when it was first sent.
      const retention = { MessageRetentionPeriod: `${14 * DAY_SECONDS}` };
      await this.#make(`${name}${DEAD}`, retention);
      attributes.RedrivePolicy = JSON.stringify({
        deadLetterTargetArn: await this.#attribute(`${name}${DEAD}`, 'QueueArn'),
        maxReceiveCount: maxDeliveries,
      });
    }
    await this.#make(name, attributes);
    await sleep(this.#options.settleMs ?? SETTLE_MS);
    return this.open(name);
  }

  /** Remove a queue and that of its dead letters: the latter first, as it is not listed. */
  async remove(name: string): Promise<void> {
    for (const each of [`${name}${DEAD}`, name]) {
      try {
        await this.#urls.use(each, (QueueUrl) =>
          this.#client.send(new DeleteQueueCommand({ QueueUrl })),
        );
      } catch (error) {
        if (!(error instanceof QueueNotFoundError)) throw error;
      }
      this.#urls.forget(each);
    }
  }

  /**
   * The queues with this service's own prefix, but those of dead letters. SQS may still list a queue
   * up to a minute after it was removed.
   */
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
    return names.filter((name) => !name.endsWith(DEAD)).sort();
  }

  /** See {@link readDeadLetters} for what this can show. */
  async deadLetters(name: string): Promise<Message[]> {
    const policy = await this.#attribute(name, 'RedrivePolicy');
    const arn =
      policy && (JSON.parse(policy) as { deadLetterTargetArn?: string }).deadLetterTargetArn;
    if (!arn) return [];
    const deadName = arn.slice(arn.lastIndexOf(':') + 1);
    try {
      return await readDeadLetters(this.#client, await this.#urls.find(deadName));
    } catch (error) {
      throw queueError(error, deadName);
    }
  }

  async #make(name: string, attributes: Attributes): Promise<void> {
    const { tags } = this.#options;
    const QueueName = this.#urls.fullName(name);
    try {
      const { QueueUrl = '' } = await this.#client.send(
        new CreateQueueCommand({
          QueueName,
          Attributes: {
            SqsManagedSseEnabled: 'true',
            MaximumMessageSize: `${MAX_MESSAGE_BYTES}`,
            ReceiveMessageWaitTimeSeconds: '20',
            ...attributes,
          },
          ...(tags ? { tags } : {}),
        }),
      );
      this.#urls.remember(name, QueueUrl);
    } catch (error) {
      if (!isQueueThere(error)) throw queueError(error, name);
    }
  }

  async #attribute(name: string, attribute: QueueAttributeName): Promise<string | undefined> {
    return this.#urls.use(name, async (QueueUrl) => {
      const { Attributes = {} } = await this.#client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [attribute] }),
      );
      return Attributes[attribute];
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

type Attributes = Partial<Record<QueueAttributeName, string>>;
