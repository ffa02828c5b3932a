import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Queue, QueueNotFoundError } from '../../lib/queue/queue.ts';
import { type SqsOptions, SqsQueueService } from '../../lib/queue/sqs.ts';
import {
  MAX_MESSAGE_BYTES,
  MessageTooLargeError,
  maxPayloadBytes,
} from '../../lib/queue/sqs-message.ts';
import { describeQueues, drain } from '../queue/contract.ts';
import { START_MS } from '../support/shared-localstack.ts';
import { startCloud, type TestCloud, uniqueName } from './cloud.ts';

const HOUR_MS = 3_600_000;

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startCloud();
}, START_MS);
afterAll(() => cloud?.close());

const openService = (options: Partial<SqsOptions> = {}) =>
  new SqsQueueService(cloud.sqs, { prefix: `${uniqueName()}-`, settleMs: 0, ...options });

describeQueues('SQS', async () => ({ queues: openService(), close: async () => {} }), {
  maxBytes: maxPayloadBytes('{}'.length),
  shortMs: 1000,
});

describe('Queues in SQS', () => {
  const bodiesOf = async (queue: Queue, count: number) =>
    (await drain(queue, count)).map(({ body }) => body);

  const urlOf = async (QueueName: string) =>
    (await cloud.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl as string;

  const attributesOf = async (QueueUrl: string) =>
    (await cloud.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })))
      .Attributes;

  it('take many large messages at once, though one request takes 1 MiB', async () => {
    const queue = await openService().create('large', { visibilityMs: HOUR_MS });
    const messages = Array.from({ length: 4 }, (_, i) => ({
      body: `${i}`,
      payload: new Uint8Array(300_000).fill(i),
    }));
    await queue.send(messages);
    const deliveries = await drain(queue, 4);
    for (const { body, payload } of deliveries) {
      expect(Buffer.compare(payload as Uint8Array, new Uint8Array(300_000).fill(+body))).toBe(0);
    }
    expect(new Set(deliveries.map(({ body }) => body)).size).toBe(4);
  });

  it('take a message of 1 MiB, and refuse one that is a byte larger', async () => {
    const queue = await openService().create('limit', { visibilityMs: HOUR_MS });
    await queue.send([{ body: 'x'.repeat(MAX_MESSAGE_BYTES) }]);
    const act = queue.send([{ body: 'y' }, { body: 'x'.repeat(MAX_MESSAGE_BYTES + 1) }]);
    await expect(act).rejects.toThrow(MessageTooLargeError);
    expect((await bodiesOf(queue, 1))[0]).toHaveLength(MAX_MESSAGE_BYTES);
    expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
  });

  it('deliver what other tools send, for the reader to judge', async () => {
    const prefix = `${uniqueName()}-`;
    const queue = await openService({ prefix }).create('others', { visibilityMs: HOUR_MS });
    const QueueUrl = await urlOf(`${prefix}others`);
    for (const MessageBody of ['{"a": 1}', '#no form at all']) {
      await cloud.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    expect((await bodiesOf(queue, 2)).sort()).toEqual(['#no form at all', '{"a": 1}']);
  });

  it('carry the group of a message, of which others have none', async () => {
    const prefix = `${uniqueName()}-`;
    const queue = await openService({ prefix }).create('fair', { visibilityMs: HOUR_MS });
    const group = '20260131-235959-0a1b';
    await queue.send([{ body: 'a', group }, { body: 'b', group: 'other' }, { body: 'c' }]);
    const groups = new Map<string | undefined, string | undefined>();
    while (groups.size < 3) {
      const { Messages = [] } = await cloud.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: await urlOf(`${prefix}fair`),
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['MessageGroupId'],
        }),
      );
      for (const { Body, Attributes } of Messages) groups.set(Body, Attributes?.MessageGroupId);
    }
    expect(Object.fromEntries(groups)).toEqual({ a: group, b: 'other', c: undefined });
  });

  it('are made encrypted, for 1 MiB, and hidden for whole seconds', async () => {
    const prefix = `${uniqueName()}-`;
    const service = openService({ prefix, tags: { app: 'lambduel' } });
    await service.create('made', { visibilityMs: 90_001 });
    const attributes = await attributesOf(await urlOf(`${prefix}made`));
    expect(attributes).toMatchObject({
      SqsManagedSseEnabled: 'true',
      MaximumMessageSize: '1048576',
      VisibilityTimeout: '91',
      MessageRetentionPeriod: '345600',
    });
    const QueueUrl = await urlOf(`${prefix}made`);
    const { Tags } = await cloud.sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ app: 'lambduel' });
  });

  it('put a message aside that is delivered too often, where there is a place for it', async () => {
    const prefix = `${uniqueName()}-`;
    await openService({ prefix }).create('dead', { visibilityMs: HOUR_MS });
    const deadLetterArn = (await attributesOf(await urlOf(`${prefix}dead`)))?.QueueArn;
    const service = openService({ prefix, deadLetterArn });
    const queue = await service.create('poisoned', { visibilityMs: HOUR_MS, maxDeliveries: 2 });
    await queue.send([{ body: 'poison' }]);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const [delivery] = await drain(queue, 1);
      expect(delivery?.attempt).toBe(attempt);
      await queue.extend(delivery?.receipt ?? '', 0);
    }
    expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
    expect(await bodiesOf(service.open('dead'), 1)).toEqual(['poison']);
    const create = openService().create('no-place', { visibilityMs: 1000, maxDeliveries: 2 });
    await expect(create).rejects.toThrow(/there is none for dead letters/);
  });

  it('stay as they are when they are made again otherwise', async () => {
    const service = openService();
    const queue = await service.create('again', { visibilityMs: 1000 });
    await queue.send([{ body: 'kept' }]);
    const again = await service.create('again', { visibilityMs: 2000 });
    expect(await bodiesOf(again, 1)).toEqual(['kept']);
  });

  it('are told to be gone to another who had found them, and found again when made again', async () => {
    const prefix = `${uniqueName()}-`;
    const [maker, user] = [openService({ prefix }), openService({ prefix })];
    await maker.create('shared', { visibilityMs: HOUR_MS });
    const queue = user.open('shared');
    await queue.send([{ body: 'x' }]);
    await maker.remove('shared');
    await expect(queue.send([{ body: 'y' }])).rejects.toThrow(QueueNotFoundError);
    await maker.create('shared', { visibilityMs: HOUR_MS });
    await queue.send([{ body: 'z' }]);
    expect(await bodiesOf(queue, 1)).toEqual(['z']);
  });

  it('of two prefixes do not know of each other', async () => {
    const [one, other] = [openService(), openService()];
    await one.create('same', { visibilityMs: HOUR_MS });
    expect(await other.list('')).toEqual([]);
    await expect(other.open('same').send([{ body: 'x' }])).rejects.toThrow(QueueNotFoundError);
  });
});
