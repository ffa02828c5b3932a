import { createHash } from 'node:crypto';
import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LambduelError } from '../../lib/errors.ts';
import { type Queue, QueueNotFoundError } from '../../lib/queue/queue.ts';
import { SqsQueueService } from '../../lib/queue/sqs.ts';
import { createSqsClient } from '../../lib/queue/sqs-client.ts';
import { QueueUnavailableError } from '../../lib/queue/sqs-errors.ts';
import { MessageTooLargeError } from '../../lib/queue/sqs-message.ts';
import {
  type Answer,
  type CannedRequest,
  CannedServer,
  clientOf,
} from '../support/canned-server.ts';

let server: CannedServer;
beforeAll(async () => {
  server = await CannedServer.start();
});
afterAll(() => server.close());

type Input = Record<string, unknown> & { readonly Entries?: readonly Entry[] };
interface Entry {
  readonly Id: string;
  readonly MessageBody?: string;
}

/** Answers by operation; each a list of which the last is repeated. */
function answers(byOperation: Record<string, [Responder, ...Responder[]]>): void {
  const turns: Record<string, number> = {};
  server.respond((request) => {
    const operation = operationOf(request);
    const responders = byOperation[operation];
    if (!responders) return { status: 599 };
    const turn = turns[operation] ?? 0;
    turns[operation] = turn + 1;
    const responder = responders[Math.min(turn, responders.length - 1)] as Responder;
    return typeof responder === 'function' ? json(responder(inputOf(request))) : responder;
  });
}
type Responder = Answer | ((input: Input) => unknown);

const operationOf = ({ headers }: CannedRequest) =>
  String(headers['x-amz-target']).replace('AmazonSQS.', '');
const inputOf = ({ body }: CannedRequest) => JSON.parse(body.toString()) as Input;
const inputs = (operation: string) =>
  server.requests.filter((request) => operationOf(request) === operation).map(inputOf);
const sentBodies = () =>
  inputs('SendMessageBatch').map(({ Entries = [] }) => Entries.map((entry) => entry.MessageBody));

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(value),
});

const failure = (status: number, type: string, queryCode = type): Answer => ({
  status,
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amzn-query-error': `${queryCode};Sender`,
  },
  body: JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message: `${type} it is` }),
});

const found = () => ({ QueueUrl: 'https://sqs.example/1/p-q' });
const GONE = failure(400, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue');

/** A batch that succeeds but for the entries that are named, which fail with the code. */
const batch =
  (Code = '', failed: readonly string[] = [], SenderFault = false): Responder =>
  ({ Entries = [] }) => ({
    Successful: Entries.filter(({ Id }) => !failed.includes(Id)).map(
      ({ Id, MessageBody = '' }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      }),
    ),
    Failed: failed.map((Id) => ({ Id, Code, Message: 'it failed', SenderFault })),
  });

function openService(
  config: SQSClientConfig = {},
  known: Readonly<Record<string, string>> = {},
): SqsQueueService {
  const client = createSqsClient({ ...clientOf(server), maxAttempts: 2, ...config });
  return new SqsQueueService(client, { prefix: 'p-', known, settleMs: 0 });
}
const openQueue = (config: SQSClientConfig = {}): Queue => openService(config).open('q');
const texts = (count: number) => Array.from({ length: count }, (_, i) => ({ body: `m${i}` }));

describe('sending', () => {
  it('takes ten messages in a request', async () => {
    answers({ GetQueueUrl: [found], SendMessageBatch: [batch()] });
    await openQueue().send(texts(25));
    expect(
      sentBodies()
        .map(({ length }) => length)
        .sort(),
    ).toEqual([10, 10, 5]);
    expect(sentBodies().flat().sort()).toEqual(
      texts(25)
        .map(({ body }) => body)
        .sort(),
    );
  });

  it('takes 1 MiB in a request', async () => {
    answers({ GetQueueUrl: [found], SendMessageBatch: [batch()] });
    const sizes = [500_000, 548_576, 1, 1_048_576, 400_000, 400_000, 400_000];
    await openQueue().send(sizes.map((size) => ({ body: 'x'.repeat(size) })));
    const requests = sentBodies().map((bodies) => bodies.map((body) => body?.length));
    const expected = [[500_000, 548_576], [1], [1_048_576], [400_000, 400_000], [400_000]];
    expect(requests).toHaveLength(5);
    expect(requests).toEqual(expect.arrayContaining(expected));
  });

  it('sends none where one is too large, and names both sizes', async () => {
    answers({ GetQueueUrl: [found], SendMessageBatch: [batch()] });
    const act = openQueue().send([{ body: 'x' }, { body: 'ä'.repeat(524_289) }]);
    await expect(act).rejects.toThrow(MessageTooLargeError);
    await expect(act).rejects.toThrow(/1048578 bytes .* queue q, .* 1048576/);
    expect(server.requests).toEqual([]);
  });

  it('repeats the messages of a batch that failed, and only those', async () => {
    answers({
      GetQueueUrl: [found],
      SendMessageBatch: [
        batch('InternalError', ['1', '2']),
        batch('RequestThrottled', ['0']),
        batch(),
      ],
    });
    await openQueue().send(texts(3));
    expect(sentBodies()).toEqual([['m0', 'm1', 'm2'], ['m1', 'm2'], ['m1']]);
  });

  it('gives up on messages that fail again and again, and says how many', async () => {
    answers({ GetQueueUrl: [found], SendMessageBatch: [batch('InternalError', ['0', '1'])] });
    const act = openQueue().send(texts(2));
    await expect(act).rejects.toThrow(QueueUnavailableError);
    await expect(act).rejects.toThrow(/2 messages could not be sent: InternalError: it failed/);
    expect(sentBodies().length).toBeGreaterThan(2);
  });

  it('does not repeat a message that is at fault itself', async () => {
    const refused = batch('InvalidMessageContents', ['0'], true);
    answers({ GetQueueUrl: [found], SendMessageBatch: [refused] });
    await expect(openQueue().send(texts(1))).rejects.toThrow(/InvalidMessageContents/);
    expect(sentBodies()).toHaveLength(1);
  });

  it('sends nothing where there is nothing', async () => {
    answers({ GetQueueUrl: [found] });
    await openQueue().send([]);
    expect(inputs('SendMessageBatch')).toEqual([]);
  });
});

describe('receiving', () => {
  const empty = () => ({});
  const one = () => ({
    Messages: [
      {
        Body: '{}',
        MD5OfBody: createHash('md5').update('{}').digest('hex'),
        MessageAttributes: { payload: { DataType: 'Binary', BinaryValue: 'AQID' } },
        ReceiptHandle: 'r',
        Attributes: { ApproximateReceiveCount: '3' },
      },
    ],
  });

  it('waits in requests of whole seconds, up to 20, for as long as it is told to', async () => {
    answers({ GetQueueUrl: [found], ReceiveMessage: [empty, empty, one] });
    const deliveries = await openQueue().receive({ max: 50, waitMs: 60_000 });
    expect(deliveries).toEqual([
      { body: '{}', payload: Uint8Array.of(1, 2, 3), receipt: 'r', attempt: 3 },
    ]);
    expect(inputs('ReceiveMessage')).toHaveLength(3);
    expect(inputs('ReceiveMessage')[0]).toMatchObject({
      WaitTimeSeconds: 20,
      MaxNumberOfMessages: 10,
    });
  });

  it.each([
    [0, 0],
    [1, 1],
    [1000, 1],
    [1001, 2],
  ])('of %i ms asks SQS to wait for %i s', async (waitMs, WaitTimeSeconds) => {
    answers({ GetQueueUrl: [found], ReceiveMessage: [one] });
    await openQueue().receive({ max: 1, waitMs });
    expect(inputs('ReceiveMessage')[0]).toMatchObject({ WaitTimeSeconds, MaxNumberOfMessages: 1 });
  });
});

describe('acknowledging', () => {
  it('repeats what failed, and takes no offence at unknown receipts', async () => {
    answers({
      GetQueueUrl: [found],
      DeleteMessageBatch: [
        batch('InternalError', ['1']),
        batch('ReceiptHandleIsInvalid', ['0'], true),
      ],
    });
    await openQueue().acknowledge(['a', 'b']);
    expect(inputs('DeleteMessageBatch').map(({ Entries }) => Entries)).toEqual([
      [
        { Id: '0', ReceiptHandle: 'a' },
        { Id: '1', ReceiptHandle: 'b' },
      ],
      [{ Id: '0', ReceiptHandle: 'b' }],
    ]);
  });

  it('takes ten in a request, and says when it fails for good', async () => {
    answers({ GetQueueUrl: [found], DeleteMessageBatch: [batch('AccessDenied', ['0'], true)] });
    const receipts = Array.from({ length: 12 }, (_, i) => `r${i}`);
    const act = openQueue().acknowledge(receipts);
    await expect(act).rejects.toThrow(/2 messages could not be acknowledged: AccessDenied/);
  });
});

describe('extending', () => {
  it.each([
    [0, 0],
    [1, 1],
    [1500, 2],
    [50_000_000, 43_200],
  ])('by %i ms hides a message for %i s', async (ms, VisibilityTimeout) => {
    answers({ GetQueueUrl: [found], ChangeMessageVisibility: [() => ({})] });
    await openQueue().extend('r', ms);
    expect(inputs('ChangeMessageVisibility')).toMatchObject([{ VisibilityTimeout }]);
  });

  it.each(['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue'])(
    'takes no offence at a message that is gone: %s',
    async (name) => {
      answers({ GetQueueUrl: [found], ChangeMessageVisibility: [failure(400, name)] });
      await openQueue().extend('r', 1000);
      expect(inputs('ChangeMessageVisibility')).toHaveLength(1);
    },
  );
});

describe('a URL of a queue', () => {
  it('is looked up once, also by many at a time, until the queue is gone', async () => {
    answers({ GetQueueUrl: [found], SendMessageBatch: [batch(), batch(), GONE, batch()] });
    const queue = openQueue();
    await Promise.all([queue.send(texts(1)), queue.send(texts(1))]);
    expect(inputs('GetQueueUrl')).toEqual([{ QueueName: 'p-q' }]);
    await expect(queue.send(texts(1))).rejects.toThrow(QueueNotFoundError);
    await queue.send(texts(1));
    expect(inputs('GetQueueUrl')).toHaveLength(2);
  });

  it('is looked up again after it could not be', async () => {
    answers({
      GetQueueUrl: [GONE, failure(403, 'AccessDeniedException'), found],
      SendMessageBatch: [batch()],
    });
    const queue = openQueue();
    await expect(queue.send(texts(1))).rejects.toThrow(QueueNotFoundError);
    await expect(queue.send(texts(1))).rejects.toThrow(QueueUnavailableError);
    await queue.send(texts(1));
    expect(sentBodies()).toHaveLength(1);
  });

  it('is not looked up where it is known, and the queue is not made again', async () => {
    answers({ SendMessageBatch: [batch()] });
    const QueueUrl = 'https://sqs.example/1/StackJobs';
    const service = openService({}, { jobs: QueueUrl });
    await service.open('jobs').send(texts(1));
    await (await service.create('jobs', { visibilityMs: 1000 })).send(texts(1));
    expect(inputs('SendMessageBatch')).toMatchObject([{ QueueUrl }, { QueueUrl }]);
    expect(server.requests).toHaveLength(2);
  });
});

describe('making a queue', () => {
  it('leaves one alone that is there with other attributes', async () => {
    answers({
      CreateQueue: [failure(400, 'QueueNameExists', 'QueueAlreadyExists')],
      GetQueueUrl: [found],
      SendMessageBatch: [batch()],
    });
    await (await openService().create('q', { visibilityMs: 1000 })).send(texts(1));
    expect(sentBodies()).toHaveLength(1);
  });

  it('says that AWS makes none again within a minute of its removal', async () => {
    answers({ CreateQueue: [failure(400, 'QueueDeletedRecently')] });
    await expect(openService().create('q', { visibilityMs: 1000 })).rejects.toMatchObject({
      name: 'QueueUnavailableError',
      hint: expect.stringContaining('60 seconds') as string,
    });
  });

  it.each(['a b', 'ä', 'x'.repeat(79), 'a.fifo'])('refuses the name %j', async (name) => {
    answers({});
    const act = openService().create(name, { visibilityMs: 1000 });
    await expect(act).rejects.toThrow(LambduelError);
    expect(server.requests).toEqual([]);
  });
});

describe('failures of SQS', () => {
  it.each([
    ['a fault', failure(500, 'InternalFailure')],
    ['throttling', failure(400, 'ThrottlingException')],
    ['throttling', failure(403, 'RequestThrottled')],
    ['a connection that breaks', 'hang up' as const],
  ])('are not noticed when they pass: %s', async (_, answer) => {
    answers({ GetQueueUrl: [answer, found], SendMessageBatch: [answer, batch()] });
    await openQueue().send(texts(1));
    expect(server.requests).toHaveLength(4);
  });

  const operations: Record<string, (service: SqsQueueService) => Promise<unknown>> = {
    send: (service) => service.open('q').send(texts(1)),
    receive: (service) => service.open('q').receive({ max: 1, waitMs: 0 }),
    create: (service) => service.create('q', { visibilityMs: 1000 }),
    remove: (service) => service.remove('q'),
    list: (service) => service.list(''),
  };
  describe.each(Object.entries(operations))('are told with what to do, by %s:', (_, act) => {
    it.each([
      [403, 'AccessDeniedException', /permission/],
      [400, 'ExpiredToken', /Log in again/],
      [403, 'InvalidClientTokenId', /Log in again/],
      [400, 'ThrottlingException', /slowing/],
      [500, 'InternalFailure', /fault/],
    ])('%i %s', async (status, code, hint) => {
      server.inTurn(failure(status, code));
      const error: unknown = await act(openService({ maxAttempts: 1 })).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(QueueUnavailableError);
      expect((error as QueueUnavailableError).message).toContain(code);
      expect((error as QueueUnavailableError).hint).toMatch(hint);
    });
  });
});
