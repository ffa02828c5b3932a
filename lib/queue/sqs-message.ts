import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { InvalidDataError, LambduelError } from '../errors.ts';
import type { Message } from './queue.ts';

/** The most that SQS takes in one message, and in one batch, since August 2025. */
export const MAX_MESSAGE_BYTES = 1_048_576;
/** The attribute of a message that holds its payload. */
export const PAYLOAD = 'payload';

/** Begins a message's text that is written as JSON. */
const MARK = '#';
/** What SQS takes in a message: the characters of XML 1.0. */
const ALLOWED = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u;
const BINARY = 'Binary';
/** An attribute has at least one byte. This type says that it stands for none. */
const EMPTY = 'Binary.empty';

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

/** What SQS carries of a message, in its own words. */
export interface SqsContent {
  readonly MessageBody: string;
  readonly MessageAttributes?: Record<string, MessageAttributeValue>;
}

/**
 * A message as SQS carries it: its text, see {@link encodeSqsText}, and its payload as a binary
 * attribute. In half floats a gradient of `mlp-gan`'s discriminator has 629 kB, and one of its
 * generator 710 kB. Both fit.
 */
export function encodeSqsMessage({ body, payload }: Message): SqsContent {
  const MessageBody = encodeSqsText(body);
  if (!payload) return { MessageBody };
  const value =
    payload.length > 0
      ? { DataType: BINARY, BinaryValue: payload }
      : { DataType: EMPTY, BinaryValue: new Uint8Array(1) };
  return { MessageBody, MessageAttributes: { [PAYLOAD]: value } };
}

/** The message that {@link encodeSqsMessage} wrote; a text of others is handed on as it is. */
export function decodeSqsMessage({ MessageBody, MessageAttributes }: SqsContent): Message {
  const body = textFrom(MessageBody);
  const { DataType, BinaryValue } = MessageAttributes?.[PAYLOAD] ?? {};
  if (DataType === EMPTY) return { body, payload: new Uint8Array() };
  return DataType === BINARY && BinaryValue ? { body, payload: BinaryValue } : { body };
}

/** What counts of a message towards SQS's limits: its text, and an attribute's name, type, value. */
export function sqsBytes({ MessageBody, MessageAttributes = {} }: SqsContent): number {
  return Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = '', BinaryValue = new Uint8Array() }]) =>
      sum + name.length + DataType.length + BinaryValue.length,
    Buffer.byteLength(MessageBody),
  );
}

/** The largest payload that fits in one message beside a text of this many bytes in UTF-8. */
export function maxPayloadBytes(bodyBytes: number): number {
  return Math.max(0, MAX_MESSAGE_BYTES - bodyBytes - PAYLOAD.length - BINARY.length);
}

/**
 * A text as SQS carries it: as it is, so that other tools can read and write it. A text that is
 * empty, begins with `#` or has characters that SQS does not take is written as `#` and a JSON
 * string.
 */
export function encodeSqsText(body: string): string {
  return body.startsWith(MARK) || !ALLOWED.test(body) ? MARK + asciiJson(body) : body;
}

/** @throws InvalidDataError when {@link encodeSqsText} cannot have made the text */
export function decodeSqsText(text: string): string {
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

/** A text that {@link encodeSqsText} has not made is handed on as it is. Its reader checks it. */
function textFrom(text: string): string {
  try {
    return decodeSqsText(text);
  } catch (error) {
    if (error instanceof InvalidDataError) return text;
    throw error;
  }
}

/** JSON with nothing but ASCII, which any queue takes. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
