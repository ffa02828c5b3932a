import {
  ChangeMessageVisibilityBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message } from './queue.ts';
import { chunksOf, MAX_AT_ONCE } from './sqs-batches.ts';
import { messageFrom } from './sqs-message.ts';

/** How many messages are read at most: of 1 MiB each they are 100 MiB. */
const MAX_READ = 100;
const HIDDEN_SECONDS = 30;

interface Letter {
  readonly message: Message;
  readonly receipt: string;
  readonly sentAt: number;
}

/**
 * Read the messages of a dead-letter queue, oldest first, and leave them there: up to a hundred. SQS
 * cannot show messages without delivering them, so they are received and given back; meanwhile
 * another reader does not see them, and if this process dies, for 30 seconds.
 */
export async function readDeadLetters(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const letters: Letter[] = [];
  try {
    let more = true;
    while (more && letters.length < MAX_READ) {
      const some = await receiveLetters(client, QueueUrl);
      letters.push(...some);
      more = some.length > 0;
    }
  } finally {
    await giveBack(client, QueueUrl, letters);
  }
  return letters.sort((a, b) => a.sentAt - b.sentAt).map(({ message }) => message);
}

/** A request that waits asks all servers of the queue; one that does not may miss messages. */
async function receiveLetters(client: SQSClient, QueueUrl: string): Promise<Letter[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: MAX_AT_ONCE,
      WaitTimeSeconds: 1,
      VisibilityTimeout: HIDDEN_SECONDS,
      MessageSystemAttributeNames: ['SentTimestamp'],
    }),
  );
  return Messages.map(({ Body = '', ReceiptHandle = '', Attributes = {} }) => ({
    message: messageFrom(Body),
    receipt: ReceiptHandle,
    sentAt: Number(Attributes.SentTimestamp ?? 0),
  }));
}

async function giveBack(
  client: SQSClient,
  QueueUrl: string,
  letters: readonly Letter[],
): Promise<void> {
  for (const batch of chunksOf(letters)) {
    const Entries = batch.map(({ receipt }, i) => ({
      Id: `${i}`,
      ReceiptHandle: receipt,
      VisibilityTimeout: 0,
    }));
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}
