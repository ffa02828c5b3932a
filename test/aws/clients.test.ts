import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { SqsQueueService } from '../../lib/queue/sqs.ts';
import { createSqsClient } from '../../lib/queue/sqs-client.ts';
import { S3Store } from '../../lib/store/s3.ts';
import { createS3Client } from '../../lib/store/s3-client.ts';
import { CannedServer } from '../support/canned-server.ts';

let server: CannedServer;
beforeAll(async () => {
  server = await CannedServer.start();
});
afterAll(() => server.close());

beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', server.endpoint.replace('127.0.0.1', 'localhost'));
  vi.stubEnv('AWS_REGION', 'eu-west-3');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDTEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterEach(() => vi.unstubAllEnvs());

// The first test: the SDK warns once in a process.
it('Node.js prints no warning of the SDK about its version', async () => {
  const warnings: string[] = [];
  const listener = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listener);
  createS3Client();
  createSqsClient();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listener);
  expect(warnings).toEqual([]);
});

it('clients take endpoint, region and credentials from the environment, buckets by path', async () => {
  server.inTurn({ status: 200, headers: { etag: '"x"' } });
  await new S3Store(createS3Client(), 'bucket').put('a/key', Uint8Array.of(1));
  const [request] = server.requests;
  expect(request?.path).toMatch(/^\/bucket\/a\/key/);
  expect(request?.headers.authorization).toMatch(/AKIDTEST\/\d+\/eu-west-3\/s3\//);
});

it('queues are used at the endpoint of the environment, whatever host their URLs name', async () => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  server.inTurn({ status: 200, body: '{}' });
  const known = { jobs: 'http://sqs.eu-west-3.localhost.example:4566/000000000000/jobs' };
  const queue = new SqsQueueService(createSqsClient(), { prefix: '', known }).open('jobs');
  expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
  expect(server.requests).toHaveLength(1);
  expect(warned).not.toHaveBeenCalled();
});

it('requests are repeated as often as AWS_MAX_ATTEMPTS says', async () => {
  vi.stubEnv('AWS_MAX_ATTEMPTS', '2');
  server.inTurn({ status: 500 });
  const act = new S3Store(createS3Client(), 'bucket').put('key', Uint8Array.of(1));
  await expect(act).rejects.toThrow(/cannot be written/);
  expect(server.requests).toHaveLength(2);
});
