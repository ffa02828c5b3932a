import { awsErrorName, awsHint, awsReason } from '../aws/errors.ts';
import { type ErrorDetails, LambduelError } from '../errors.ts';
import { QueueNotFoundError } from './queue.ts';

/** A queue cannot be used: no permission, no connection, requests that are throttled. */
export class QueueUnavailableError extends LambduelError {
  constructor(
    readonly queue: string,
    reason: string,
    details: ErrorDetails,
  ) {
    super(`The queue ${queue} cannot be used: ${reason}`, details);
  }
}

/** An SQS error as an error of the port. */
export function queueError(error: unknown, queue: string): LambduelError {
  if (error instanceof LambduelError) return error;
  if (isNoQueue(error)) return new QueueNotFoundError(queue, error);
  return new QueueUnavailableError(queue, awsReason(error), {
    cause: error,
    hint:
      awsErrorName(error) === 'QueueDeletedRecently'
        ? 'A queue of this name was removed just now: AWS makes it again when 60 seconds have passed.'
        : awsHint(error),
  });
}

/** Items of a batch failed again and again, though the requests succeeded. */
export function batchError(
  queue: string,
  failed: readonly { readonly reason: string }[],
  verb: string,
): QueueUnavailableError {
  const count = failed.length === 1 ? '1 message' : `${failed.length} messages`;
  const reason = `${count} could not be ${verb}: ${failed[0]?.reason}`;
  return new QueueUnavailableError(queue, reason, { hint: 'Try again in a few minutes.' });
}

export function isNoQueue(error: unknown): boolean {
  return awsErrorName(error) === 'QueueDoesNotExist';
}

/** A queue of this name exists, with other attributes. */
export function isQueueThere(error: unknown): boolean {
  return awsErrorName(error) === 'QueueNameExists';
}

/** What SQS calls a receipt that names no delivered message (any more). */
export function isUnknownReceipt(name: string): boolean {
  return ['MessageNotInflight', 'ReceiptHandleIsInvalid', 'InvalidParameterValue'].includes(name);
}
