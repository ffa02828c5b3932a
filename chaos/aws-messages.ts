import { createHash } from 'node:crypto';
import type { Message } from '../lib/queue/queue.ts';
import { decodeSqsMessage, encodeSqsMessage, type SqsContent } from '../lib/queue/sqs-message.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import { parseReply } from '../lib/wire/messages.ts';
import { type AwsAnswer, type AwsCall, sqsAnswer } from './aws-call.ts';
import type { Forward } from './aws-proxy.ts';
import { damaged, notFinite } from './damage.ts';
import type { FaultSource } from './fault-source.ts';
import { GARBLED } from './faulty-queues.ts';
import type { Fault } from './plan.ts';
import { isGradient, staleCopy } from './replies.ts';
import { scoringKind } from './scoring-kinds.ts';

interface Entry extends SqsContent {
  readonly Id: string;
  readonly DelaySeconds?: number;
}

interface Batch {
  readonly QueueUrl: string;
  readonly Entries: readonly Entry[];
}

/** What becomes of a batch: what is sent instead, each batch by a request of its own. */
type Change = (
  entries: readonly Entry[],
  entry: Entry,
  fault: Fault,
) => readonly (readonly Entry[])[];

const without = (entries: readonly Entry[], entry: Entry) =>
  entries.filter((each) => each !== entry);
const delayed = (entries: readonly Entry[], entry: Entry, ms: number) => [
  entries.map((each) => (each === entry ? { ...each, DelaySeconds: Math.ceil(ms / 1000) } : each)),
];
const changed = (entries: readonly Entry[], entry: Entry, to: Entry) => [
  entries.map((each) => (each === entry ? to : each)),
];

/** The kinds that befall messages on their way to a queue. */
const CHANGES: Readonly<Record<string, Change>> = {
  'message-dropped': (entries, entry) => [without(entries, entry)],
  'message-duplicated': (entries, entry) => [entries, [entry]],
  'message-delayed': (entries, entry, { ms }) => delayed(entries, entry, ms),
  'message-reordered': (entries, entry) =>
    entries.length > 1 ? [[...entries].reverse()] : delayed(entries, entry, 1000),
  'payload-corrupted': (entries, entry) => changed(entries, entry, corrupted(entry)),
};

/** What of that befalls answers with gradients alone, by variant. */
const GRADIENT_CHANGES: readonly (readonly [string, string, Change])[] = [
  ['stale-answer', 'epoch', (entries, entry) => [[stale(entry, 'epoch')], entries]],
  ['stale-answer', 'step', (entries, entry) => [[stale(entry, 'step')], entries]],
  ['non-finite-gradient', 'any', (entries, entry) => changed(entries, entry, poisoned(entry))],
];

/** Send a batch of messages as the plan wants it; whoever sent it is told that all are sent. */
export async function sendBatch(
  faults: FaultSource,
  call: AwsCall,
  forward: Forward,
): Promise<AwsAnswer> {
  const batch = JSON.parse(call.body.toString(), bytesFromJson) as Batch;
  const { Entries: entries } = batch;
  const found = changeOf(faults, call, entries);
  if (!found) return forward();
  const { fault, change } = found;
  const entry = entries[fault.skip % entries.length] as Entry;
  for (const some of change(entries, entry, fault)) {
    if (some.length === 0) continue;
    const body = JSON.stringify({ ...batch, Entries: some }, bytesToJson);
    const answer = await forward(Buffer.from(body));
    if (answer.status !== 200) return answer;
  }
  return sentAnswer(entries);
}

function changeOf(
  faults: FaultSource,
  { side }: AwsCall,
  entries: readonly Entry[],
): { fault: Fault; change: Change } | undefined {
  if (side === 'reply' && entries.every(gradientOf)) {
    for (const [kind, variant, change] of GRADIENT_CHANGES) {
      const fault = faults.take(kind, variant);
      if (fault) return { fault, change };
    }
  }
  for (const [kind, change] of Object.entries(CHANGES)) {
    const own =
      entries.length === 1
        ? scoringKind(kind, decodeSqsMessage(entries[0] as Entry).body)
        : undefined;
    const fault = (own ? faults.take(own, side) : undefined) ?? faults.take(kind, side);
    if (fault) return { fault, change };
  }
  return undefined;
}

/** As SQS answers: the SDK compares the checksums with those of what it has sent. */
function sentAnswer(entries: readonly Entry[]): AwsAnswer {
  const Successful = entries.map(({ Id, MessageBody }) => ({
    Id,
    MessageId: `fault-${Id}`,
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  }));
  return sqsAnswer(JSON.stringify({ Successful }));
}

/** In JSON, SQS has bytes in base64. */
function bytesFromJson(key: string, value: unknown): unknown {
  return key === 'BinaryValue' ? Uint8Array.from(Buffer.from(String(value), 'base64')) : value;
}

function bytesToJson(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

function gradientOf(entry: Entry) {
  const { body, payload } = decodeSqsMessage(entry);
  const reply = parseReply(body);
  return isGradient(reply) ? { reply, payload } : undefined;
}

/** An entry with another message. */
function withMessage(entry: Entry, message: Message): Entry {
  const { MessageAttributes: _, ...others } = entry;
  return { ...others, ...encodeSqsMessage(message) };
}

/** A job, or an answer without a payload, that is no JSON any more; one with a damaged payload. */
function corrupted(entry: Entry): Entry {
  const { body, payload } = decodeSqsMessage(entry);
  return payload && payload.length > 0
    ? withMessage(entry, { body, payload: damaged(payload) })
    : withMessage(entry, { body: `${GARBLED} ${body.slice(0, body.length / 2)}` });
}

function stale(entry: Entry, variant: 'epoch' | 'step'): Entry {
  const gradient = gradientOf(entry);
  return gradient ? withMessage(entry, staleCopy(gradient.reply, variant)) : entry;
}

/** The last half float is not a number, and the checksum is right. */
function poisoned(entry: Entry): Entry {
  const gradient = gradientOf(entry);
  if (!gradient?.payload) return entry;
  const payload = notFinite(gradient.payload);
  const data = { bytes: payload.length, crc32: crc32(payload) };
  return withMessage(entry, { body: JSON.stringify({ ...gradient.reply, data }), payload });
}
