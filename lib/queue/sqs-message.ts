import { InvalidDataError, LambduelError } from '../errors.ts';
import type { Message } from './queue.ts';

/** The most that SQS takes in one message, and in one batch, since August 2025. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** Begins a message that is more than its text. */
const MARK = '#';
/** What SQS takes in a message: the characters of XML 1.0. */
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u;

/** A message is larger than the queue takes. Nothing has been sent. */
export class MessageTooLargeError extends LambduelError {
  constructor(
    readonly bytes: number,
    queue: string,
  ) {
    super(
      `A message of ${bytes} bytes is too large for the queue ${queue}, which takes ${MAX_MESSAGE_BYTES}`,
      { hint: 'Send what is larger as an object of the store, and its key in the message.' },
    );
  }
}

/**
 * A message as the text that SQS carries.
 *
 * - Without a payload: the text itself, so that other tools can read and write it.
 * - With one: `#`, the payload in base64, a line feed, the text.
 * - A text that is empty, begins with `#` or has characters that SQS does not take is written as
 *   `#` and a JSON string.
 *
 * In half floats and base64, a gradient of `mlp-gan`'s discriminator grows from 629 to 838 kB, and
 * one of its generator from 710 to 946 kB. Both fit. A binary message attribute needs no base64,
 * but is lost where a message is handed on as text.
 */
export function encodeSqsBody({ body, payload }: Message): string {
  const text = body.startsWith(MARK) || !ALLOWED.test(body) ? MARK + asciiJson(body) : body;
  if (!payload) return text;
  const { buffer, byteOffset, byteLength } = payload;
  return `${MARK}${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}\n${text}`;
}

/** @throws InvalidDataError when {@link encodeSqsBody} cannot have made the text */
export function decodeSqsBody(body: string): Message {
  if (!body.startsWith(MARK) || body.startsWith(`${MARK}"`)) return { body: decodeText(body) };
  const end = body.indexOf('\n');
  if (end < 0) throw new InvalidDataError('A message begins with a payload that does not end');
  return { body: decodeText(body.slice(end + 1)), payload: decodeBase64(body.slice(1, end)) };
}

/** A text that {@link encodeSqsBody} has not made is handed on as it is. Its reader checks it. */
export function messageFrom(body: string): Message {
  try {
    return decodeSqsBody(body);
  } catch (error) {
    if (error instanceof InvalidDataError) return { body };
    throw error;
  }
}

/** The largest payload that fits in one message beside a text of this many bytes in UTF-8. */
export function maxPayloadBytes(bodyBytes: number): number {
  const base64 = MAX_MESSAGE_BYTES - bodyBytes - `${MARK}\n`.length;
  return Math.max(0, 3 * Math.floor(base64 / 4));
}

function decodeText(text: string): string {
  if (!text.startsWith(MARK)) return text;
  let decoded: unknown;
  try {
    decoded = JSON.parse(text.slice(1));
  } catch (cause) {
    throw new InvalidDataError('The text of a message is not a JSON string', { cause });
  }
  if (typeof decoded === 'string') return decoded;
  throw new InvalidDataError('The text of a message is not a JSON string');
}

/** Node.js skips characters that are not base64, which shows in the length. */
function decodeBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(text, 'base64');
  if (text.length % 4 !== 0 || bytes.length !== (text.length / 4) * 3 - padding) {
    throw new InvalidDataError('The payload of a message is not in base64');
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** JSON with nothing but ASCII, which any queue takes. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
