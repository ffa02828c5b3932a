import type { IncomingHttpHeaders } from 'node:http';
import { allJobQueues, allRepliesQueues, runKeys } from '../lib/run/record/keys.ts';

const REPLIES_URL = new RegExp(`QueueUrl":"[^"]*${allRepliesQueues}`);

/** A request of a function to AWS. */
export interface AwsCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly service: 'S3' | 'SQS' | 'Lambda' | 'other';
  /** As `SendMessageBatch`; for S3 the method. */
  readonly operation: string;
  /** What an object of a run is for: `weights`, `head`. */
  readonly purpose: string;
  readonly key: string;
  /** Which queue a request to SQS is about. */
  readonly side: 'job' | 'reply';
}

/** What AWS answers, or what is said instead; undefined: the connection is closed. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Find out what a request is about. */
export function callOf(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): AwsCall {
  const [target, operation = method] = String(headers['x-amz-target'] ?? '').split('.');
  const key = /^\/[^/?]+\/([^?]*)/.exec(decodeURIComponent(url))?.[1] ?? '';
  const [, purpose = ''] = /^runs\/[^/]+\/([^/.]+)/.exec(key) ?? [];
  const side = body.includes(`/${allRepliesQueues}`) || REPLIES_URL.test(headOf(body));
  return {
    method,
    url,
    headers,
    body,
    service: serviceOf(target, url, key),
    operation,
    purpose: purpose === 'checkpoints' ? 'checkpoint' : purpose,
    key,
    side: side ? 'reply' : 'job',
  };
}

function serviceOf(target: string | undefined, url: string, key: string): AwsCall['service'] {
  if (target === 'AmazonSQS') return 'SQS';
  if (/\/functions\/[^/]+\/invocations$/.test(url)) return 'Lambda';
  return key.startsWith(runKeys.all) ? 'S3' : 'other';
}

/** Whether a request to SQS is about a queue of one coordinator's own workers. */
export function isAboutOwnJobs({ body }: AwsCall): boolean {
  return headOf(body).includes(`-${allJobQueues}20`); // runs' ids begin with the year
}

/** An answer of Lambda that says that an event was taken. */
export function acceptedAnswer(): AwsAnswer {
  return { status: 202, headers: {}, body: Buffer.alloc(0) };
}

function headOf(body: Buffer): string {
  return body.subarray(0, 400).toString('latin1');
}

/** An answer of S3 that says what is wrong. */
export function s3Error(status: number, code: string): AwsAnswer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>fault: ${code}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) };
}

/** An answer of SQS that says what is wrong. */
export function sqsError(status: number, code: string): AwsAnswer {
  const body = JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: `fault: ${code}` });
  return sqsAnswer(body, status);
}

export function sqsAnswer(body: string, status = 200): AwsAnswer {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { status, headers, body: Buffer.from(body) };
}
