import { GraphRefusedError } from '../../backend/graph/errors.ts';
import { LambduelError, messageOf } from '../../errors.ts';
import type { Message } from '../../queue/queue.ts';
import { createUnlessThere } from '../../store/create-unless-there.ts';
import { crc32 } from '../../wire/checksum.ts';
import { namingNonFinite } from '../../wire/json-number.ts';
import {
  type Failure,
  type Job,
  MESSAGE_FORMAT,
  type Reply,
  roundOf,
  type Success,
} from '../../wire/messages.ts';
import { JobFailedError } from '../errors.ts';
import { runKeys } from '../record/keys.ts';
import type { JobResult, WorkerContext } from './context.ts';
import { stopwatch } from './stopwatch.ts';

/**
 * The answer to a job that was done.
 *
 * @param delivery how often the queue has delivered this message
 */
export async function successMessage(
  { store, maxInlineBytes, backend, name }: WorkerContext,
  job: Job,
  { bytes, ...told }: JobResult,
  delivery: number,
): Promise<Message> {
  const data: Success['data'] = { bytes: bytes.length, crc32: crc32(bytes) };
  const memory = {
    tensors: backend.tf.memory().numTensors,
    rssBytes: process.memoryUsage.rss(),
  };
  const reply: Reply = { ...replyTo(job, name), kind: 'success', ...told, data, memory };
  const body = JSON.stringify(reply, namingNonFinite);
  // A lane's metrics of many iterations count too: text and bytes have to fit in one message.
  if (bytes.length + Buffer.byteLength(body) <= maxInlineBytes) {
    return { body, payload: Uint8Array.from(bytes) };
  }
  data.key = runKeys.answer(job, `${job.attempt}.${delivery}`);
  // Two workers may do the same delivery of the same job; they write the same bytes.
  const clock = stopwatch();
  await createUnlessThere(store, data.key, bytes, { transient: true });
  if (reply.trace) reply.trace.storeMs = clock();
  return { body: JSON.stringify(reply, namingNonFinite) };
}

/**
 * The answer to a job that could not be done.
 *
 * @param worker the worker's name, if it has one
 */
export function failureMessage(job: Job, error: unknown, worker?: string): Message {
  const name = error instanceof Error ? error.name : 'Error';
  const hint = error instanceof LambduelError && error.hint ? ` ${error.hint}` : '';
  const message = `${messageOf(error)}${hint}`.slice(0, 4000);
  const retryable = !(error instanceof JobFailedError || error instanceof GraphRefusedError);
  const failure: Failure = {
    ...replyTo(job, worker),
    kind: 'failure',
    error: { name, message },
    retryable,
  };
  return { body: JSON.stringify(failure) };
}

function replyTo(job: Job, worker: string | undefined) {
  const { runId, epoch } = job;
  const who = worker === undefined ? {} : { worker };
  return { format: MESSAGE_FORMAT, runId, epoch, ...roundOf(job), ...who } as const;
}
