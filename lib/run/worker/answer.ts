import { LambduelError, messageOf } from '../../errors.ts';
import type { Message } from '../../queue/queue.ts';
import { ObjectExistsError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
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

/**
 * The answer to a job that was done.
 *
 * @param delivery how often the queue has delivered this very job
 */
export async function successMessage(
  { store, maxInlineBytes, backend }: WorkerContext,
  job: Job,
  { bytes, ...told }: JobResult,
  delivery: number,
): Promise<Message> {
  const inline = bytes.length <= maxInlineBytes;
  const data: Success['data'] = { bytes: bytes.length, crc32: crc32(bytes) };
  if (!inline) {
    data.key = runKeys.answer(job, `${job.attempt}.${delivery}`);
    await createUnlessThere(store, data.key, bytes);
  }
  const memory = {
    tensors: backend.tf.memory().numTensors,
    rssBytes: process.memoryUsage.rss(),
  };
  const reply: Reply = { ...replyTo(job), kind: 'success', ...told, data, memory };
  const body = JSON.stringify(reply, nameNonFinite);
  return inline ? { body, payload: bytes } : { body };
}

/** The answer to a job that could not be done. */
export function failureMessage(job: Job, error: unknown): Message {
  const name = error instanceof Error ? error.name : 'Error';
  const hint = error instanceof LambduelError && error.hint ? ` ${error.hint}` : '';
  const message = `${messageOf(error)}${hint}`.slice(0, 4000);
  const retryable = !(error instanceof JobFailedError);
  const failure: Failure = {
    ...replyTo(job),
    kind: 'failure',
    error: { name, message },
    retryable,
  };
  return { body: JSON.stringify(failure) };
}

/** Two workers may do the same delivery of the same job; they write the same bytes. */
async function createUnlessThere(store: Store, key: string, bytes: Uint8Array): Promise<void> {
  try {
    await store.create(key, bytes, { transient: true });
  } catch (error) {
    if (!(error instanceof ObjectExistsError)) throw error;
  }
}

function replyTo(job: Job) {
  const { runId, epoch } = job;
  return { format: MESSAGE_FORMAT, runId, epoch, ...roundOf(job) } as const;
}

function nameNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
