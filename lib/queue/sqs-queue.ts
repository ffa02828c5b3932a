import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';
import { awsErrorName } from '../aws/errors.ts';
import { type FailedItem, retryingItems } from '../aws/retry.ts';
import type { Delivery, Message, Queue, ReceiveOptions } from './queue.ts';
import { batchesOf, chunksOf, MAX_AT_ONCE, type SqsEntry } from './sqs-batches.ts';
import { batchError, isUnknownReceipt } from './sqs-errors.ts';
import { decodeSqsMessage, encodeSqsMessage, PAYLOAD } from './sqs-message.ts';
import { seconds } from './sqs-units.ts';
import type { QueueUrls } from './sqs-urls.ts';

/** The longest that a receiving request waits. */
const LONGEST_POLL_MS = 20_000;
/** If less time than this is left, no further request is sent: it would wait for a second. */
const SHORTEST_POLL_MS = 100;

/** A queue in SQS. */
export class SqsQueue implements Queue {
  readonly name: string;
  readonly #client: SQSClient;
  readonly #urls: QueueUrls;

  constructor(name: string, client: SQSClient, urls: QueueUrls) {
    this.name = name;
    this.#client = client;
    this.#urls = urls;
  }

  /** @throws MessageTooLargeError before anything is sent */
  async send(messages: readonly Message[]): Promise<void> {
    const entries = messages.map((message) => ({
      content: encodeSqsMessage(message),
      group: message.group,
    }));
    const batches = batchesOf(entries, this.name);
    await this.#urls.use(this.name, async (url) => {
      const failed = await Promise.all(
        batches.map((batch) => retryingItems(batch, (some) => this.#sendBatch(url, some))),
      );
      if (failed.flat().length > 0) throw batchError(this.name, failed.flat(), 'sent');
    });
  }

  /** Up to ten messages, whatever `max` says. Waits for whole seconds. */
  async receive({ max, waitMs }: ReceiveOptions): Promise<Delivery[]> {
    return this.#urls.use(this.name, async (url) => {
      const deadline = performance.now() + waitMs;
      let pollMs = waitMs;
      for (;;) {
        const { Messages = [] } = await this.#client.send(
          new ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: Math.min(max, MAX_AT_ONCE),
            WaitTimeSeconds: seconds(Math.min(pollMs, LONGEST_POLL_MS)),
            MessageAttributeNames: [PAYLOAD],
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          }),
        );
        pollMs = deadline - performance.now();
        if (Messages.length > 0 || pollMs < SHORTEST_POLL_MS) return Messages.map(deliveryOf);
      }
    });
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    await this.#urls.use(this.name, async (url) => {
      const failed = await Promise.all(
        chunksOf(receipts).map((batch) =>
          retryingItems(batch, (some) => this.#deleteBatch(url, some)),
        ),
      );
      if (failed.flat().length > 0) throw batchError(this.name, failed.flat(), 'acknowledged');
    });
  }

  /** Hides for whole seconds, up to twelve hours since the delivery. */
  async extend(receipt: string, visibilityMs: number): Promise<void> {
    await this.#urls.use(this.name, async (url) => {
      try {
        await this.#client.send(
          new ChangeMessageVisibilityCommand({
            QueueUrl: url,
            ReceiptHandle: receipt,
            VisibilityTimeout: seconds(visibilityMs),
          }),
        );
      } catch (error) {
        if (!isUnknownReceipt(awsErrorName(error))) throw error;
      }
    });
  }

  async #sendBatch(
    QueueUrl: string,
    entries: readonly SqsEntry[],
  ): Promise<FailedItem<SqsEntry>[]> {
    const Entries = entries.map(({ content, group: MessageGroupId }, i) => ({
      Id: `${i}`,
      ...content,
      ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
    }));
    const command = new SendMessageBatchCommand({ QueueUrl, Entries });
    const { Failed = [] } = await this.#client.send(command);
    return Failed.map((entry) => failedItem(entries, entry));
  }

  async #deleteBatch(QueueUrl: string, receipts: readonly string[]): Promise<FailedItem<string>[]> {
    const Entries = receipts.map((ReceiptHandle, i) => ({ Id: `${i}`, ReceiptHandle }));
    const command = new DeleteMessageBatchCommand({ QueueUrl, Entries });
    const { Failed = [] } = await this.#client.send(command);
    return Failed.filter(({ Code = '' }) => !isUnknownReceipt(Code)).map((entry) =>
      failedItem(receipts, entry),
    );
  }
}

function deliveryOf({
  Body: MessageBody = '',
  MessageAttributes = {},
  ReceiptHandle = '',
  Attributes = {},
}: SqsMessage): Delivery {
  const message = decodeSqsMessage({ MessageBody, MessageAttributes });
  const attempt = Number(Attributes.ApproximateReceiveCount ?? 1);
  return { ...message, receipt: ReceiptHandle, attempt };
}

function failedItem<T>(
  items: readonly T[],
  { Id, Code, Message = '', SenderFault }: BatchResultErrorEntry,
): FailedItem<T> {
  const item = items[Number(Id)] as T; // an entry's id is its place
  return { item, reason: `${Code}: ${Message}`, mayPass: SenderFault !== true };
}
