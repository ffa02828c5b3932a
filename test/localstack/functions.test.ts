import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { processAlive } from '../../lib/store/process-alive.mjs';
import { defaultAccount, START_MS } from '../support/shared-localstack.ts';
import { Cloud } from './cloud.ts';
import { linesOf, scratchDirectory } from './scratch.ts';

const TEST_MS = 60_000;

describe('a function on LocalStack', () => {
  let cloud: Cloud;

  beforeAll(async () => {
    cloud = await Cloud.shared(defaultAccount); // as which functions call AWS themselves
  }, START_MS);

  it('answers with its payload and its log, and stays warm', { timeout: TEST_MS }, async () => {
    const name = await cloud.deploy(`
      let calls = 0;
      export const handler = async (event, context) => {
        console.log('hello', event.name);
        calls += 1;
        return { calls, event, function: context.functionName, left: context.getRemainingTimeInMillis() };
      };`);

    const first = await cloud.invoke(name, { name: 'Ada' });
    const second = await cloud.invoke(name, { name: 'Bob' });

    expect(first).toMatchObject({
      failed: false,
      payload: { calls: 1, event: { name: 'Ada' }, function: name },
    });
    expect(first.log).toMatch(/START RequestId: .*\nhello Ada\n/);
    expect(second.payload).toMatchObject({ calls: 2 });
    expect((second.payload as { left: number }).left).toBeGreaterThan(20_000);
    expect(second.log).not.toContain('Ada');
  });

  it('reports what its handler throws, and goes on', { timeout: TEST_MS }, async () => {
    const name = await cloud.deploy(`
      export const handler = async ({ bad }) => {
        if (bad) throw new RangeError('too bad');
        return process.pid;
      };`);
    const before = await cloud.invoke(name);

    const failure = await cloud.invoke(name, { bad: true });
    const after = await cloud.invoke(name);

    expect(failure.failed).toBe(true);
    expect(failure.payload).toMatchObject({ errorType: 'RangeError', errorMessage: 'too bad' });
    expect(after).toMatchObject({ failed: false, payload: before.payload });
  });

  it('is killed at its time-out with all that it started', { timeout: TEST_MS }, async () => {
    const directory = scratchDirectory();
    const name = await cloud.deploy(
      `
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      export const handler = async ({ file }) => {
        if (!file) return process.pid;
        const child = spawn('sleep', ['300']);
        writeFileSync(file, JSON.stringify([process.pid, child.pid]));
        for (;;);
      };`,
      { Timeout: 2 },
    );
    const file = join(directory, 'pids');

    const failure = await cloud.invoke(name, { file });
    const pids = JSON.parse(readFileSync(file, 'utf8')) as number[];
    await vi.waitUntil(() => !pids.some(processAlive), { timeout: 5000 });
    const next = await cloud.invoke(name);

    expect(failure.failed).toBe(true);
    expect(failure.payload).toMatchObject({
      errorMessage: expect.stringContaining('timed out after 2.00 seconds'),
    });
    expect(next.failed).toBe(false);
    expect(pids).not.toContain(next.payload);
  });

  it('runs parallel invocations at the same time', { timeout: TEST_MS }, async () => {
    const parties = 3;
    // Each waits for the others, so that none returns unless all are running.
    const name = await cloud.deploy(`
      import { readdirSync, writeFileSync } from 'node:fs';
      export const handler = async ({ directory, parties }) => {
        writeFileSync(directory + '/' + process.pid, '');
        while (readdirSync(directory).length < parties) await new Promise((r) => setTimeout(r, 20));
        return process.pid;
      };`);
    const event = { directory: scratchDirectory(), parties };

    const outcomes = await Promise.all(
      Array.from({ length: parties }, () => cloud.invoke(name, event)),
    );

    expect(outcomes.map(({ failed }) => failed)).toEqual([false, false, false]);
    expect(new Set(outcomes.map(({ payload }) => payload)).size).toBe(parties);
  });

  it('is invoked without waiting, also by itself', { timeout: TEST_MS }, async () => {
    const file = join(scratchDirectory(), 'log');
    const name = await cloud.deploy(`
      import { appendFileSync } from 'node:fs';
      import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
      const lambda = new LambdaClient();
      export const handler = async ({ file, left }, { functionName: FunctionName }) => {
        appendFileSync(file, left + '\\n');
        const Payload = JSON.stringify({ file, left: left - 1 });
        const next = new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload });
        if (left > 0) await lambda.send(next);
      };`);

    await cloud.invoke(name, { file, left: 2 });

    await vi.waitUntil(() => linesOf(file).length === 3, { timeout: 20_000 });
    expect(linesOf(file)).toEqual(['2', '1', '0']);
  });

  it('has the AWS SDK on board, and no other package', { timeout: TEST_MS }, async () => {
    const name = await cloud.deploy(`
      import { S3Client } from '@aws-sdk/client-s3';
      export const handler = async () => {
        const others = ['zod', '@tensorflow/tfjs-node', '@tensorflow/tfjs-core'];
        const found = others.map((name) => import(name).catch((error) => error.code));
        return [typeof S3Client, ...new Set(await Promise.all(found))];
      };`);

    expect((await cloud.invoke(name)).payload).toEqual(['function', 'ERR_MODULE_NOT_FOUND']);
  });
});
