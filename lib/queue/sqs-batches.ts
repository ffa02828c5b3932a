import {
  MAX_MESSAGE_BYTES,
  MessageTooLargeError,
  type SqsContent,
  sqsBytes,
} from './sqs-message.ts';

/** How many messages one SQS request takes. */
export const MAX_AT_ONCE = 10;

/** A message as SQS takes it. */
export interface SqsEntry {
  readonly content: SqsContent;
  /** Its group: SQS is fair between the groups of a standard queue. */
  readonly group: string | undefined;
}

/**
 * Messages in batches that SQS takes: up to ten, and 1 MiB together.
 *
 * @throws MessageTooLargeError when a single message is larger
 */
export function batchesOf(entries: readonly SqsEntry[], queue: string): SqsEntry[][] {
  const batches: SqsEntry[][] = [];
  let size = 0;
  for (const entry of entries) {
    const bytes = sqsBytes(entry.content);
    if (bytes > MAX_MESSAGE_BYTES) throw new MessageTooLargeError(bytes, queue);
    const batch = batches.at(-1);
    if (batch && batch.length < MAX_AT_ONCE && size + bytes <= MAX_MESSAGE_BYTES) {
      batch.push(entry);
      size += bytes;
    } else {
      batches.push([entry]);
      size = bytes;
    }
  }
  return batches;
}

/** Items by tens. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_AT_ONCE) }, (_, i) =>
    items.slice(i * MAX_AT_ONCE, (i + 1) * MAX_AT_ONCE),
  );
}
