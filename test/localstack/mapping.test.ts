import { join } from 'node:path';
import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { START_MS } from '../support/shared-localstack.ts';
import { Cloud, type Queue } from './cloud.ts';
import { linesOf, scratchDirectory } from './scratch.ts';

const TEST_MS = 60_000;
const patience = { timeout: 40_000, interval: 50 };
/** After which a message is brought again: longer than a function takes on a machine that is busy. */
const RETRY_SECONDS = '15';

describe('a queue that invokes a function on LocalStack', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await Cloud.shared();
  }, START_MS);

  it('reaches MaximumConcurrency and never exceeds it', { timeout: TEST_MS }, async () => {
    const MESSAGES = 10;
    const file = join(scratchDirectory(), 'log');
    const queue = await cloud.createQueue({ VisibilityTimeout: '60' });
    // The first waits for a second one, so that a slow start cannot hide the concurrency.
    const name = await cloud.deploy(`
      import { appendFileSync, readFileSync } from 'node:fs';
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      export const handler = async (event) => {
        const file = event.Records[0].body;
        appendFileSync(file, 'start\\n');
        while (readFileSync(file, 'utf8').split('start').length < 3) await sleep(20);
        await sleep(100);
        appendFileSync(file, 'end\\n');
      };`);
    await cloud.send(queue, Array(MESSAGES).fill(file));

    await cloud.map(queue, name, { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    await vi.waitUntil(() => linesOf(file).length === 2 * MESSAGES, patience);

    expect(Math.max(...runningAtOnce(linesOf(file)))).toBe(2);
  });

  it('brings only the failed messages of a batch again', { timeout: TEST_MS }, async () => {
    const file = join(scratchDirectory(), 'log');
    const deadLetters = await cloud.createQueue();
    const queue = await cloud.createQueue({
      VisibilityTimeout: RETRY_SECONDS,
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetters.arn,
        maxReceiveCount: 2,
      }),
    });
    const name = await cloud.deploy(
      `
      import { appendFileSync } from 'node:fs';
      export const handler = async ({ Records }) => {
        for (const { body } of Records) appendFileSync(process.env.LOG, body + '\\n');
        const failed = Records.filter(({ body }) => body === 'bad');
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      };`,
      { Environment: { Variables: { LOG: file } } },
    );
    await cloud.send(queue, ['good 1', 'bad', 'good 2']);

    await cloud.map(queue, name, {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const dead = await receiveOne(cloud, deadLetters);

    expect(dead.Body).toBe('bad');
    expect(linesOf(file).sort()).toEqual(['bad', 'bad', 'good 1', 'good 2']);
  });

  it('brings a batch again whose handler threw', { timeout: TEST_MS }, async () => {
    const file = join(scratchDirectory(), 'log');
    const queue = await cloud.createQueue({ VisibilityTimeout: RETRY_SECONDS });
    const name = await cloud.deploy(
      `
      import { appendFileSync, existsSync } from 'node:fs';
      export const handler = async ({ Records }) => {
        const isFirst = !existsSync(process.env.LOG);
        appendFileSync(process.env.LOG, Records[0].attributes.ApproximateReceiveCount + '\\n');
        if (isFirst) throw new Error('not yet');
      };`,
      { Environment: { Variables: { LOG: file } } },
    );
    await cloud.send(queue, ['message']);

    await cloud.map(queue, name, { BatchSize: 1 });
    await vi.waitUntil(() => linesOf(file).length === 2, patience);

    expect(linesOf(file)).toEqual(['1', '2']);
  });
});

/** How many were running after each line of a log. */
function runningAtOnce(lines: readonly string[]): number[] {
  let running = 0;
  return lines.map((line) => {
    running += line === 'start' ? 1 : -1;
    return running;
  });
}

async function receiveOne(cloud: Cloud, queue: Queue): Promise<Message> {
  return vi.waitUntil(
    async () => {
      const command = new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 5 });
      return (await cloud.sqs.send(command)).Messages?.[0];
    },
    { timeout: 40_000 },
  ) as Promise<Message>;
}
