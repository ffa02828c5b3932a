import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { installLocalStack } from '../../localstack/install.ts';
import { freePort } from '../../localstack/port.ts';
import { processIsAlive } from '../../localstack/setup-tools.mjs';
import { startLocalStack } from '../../localstack/start.ts';
import { Cloud } from './cloud.ts';
import { linesOf, scratchDirectory } from './scratch.ts';

const TEST_MS = 60_000;
/** In bytes; too large for LocalStack to keep it in memory. */
const LARGE = 1_000_000;
const patience = { timeout: 20_000, interval: 50 };

describe('LocalStack', () => {
  beforeAll(() => installLocalStack(), 300_000);

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('is the one that the environment names, if any', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    vi.stubEnv('AWS_REGION', 'eu-central-1');

    const { endpoint, env, stop } = await startLocalStack();
    await stop();

    expect(endpoint).toBe('http://127.0.0.1:1');
    expect(env).toMatchObject({ AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'eu-central-1' });
  });

  it('says what to do when its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };

    await expect(freePort(port)).rejects.toMatchObject({
      message: `LocalStack cannot listen on port ${port}.`,
      hint: expect.stringContaining('--port'),
    });
  });

  it('keeps its objects apart from those of another', { timeout: TEST_MS }, async () => {
    const clouds = await Promise.all([Cloud.start(), Cloud.start()]);
    onTestFinished(async () => void (await Promise.all(clouds.map((cloud) => cloud.stop()))));
    const where = { Bucket: 'same', Key: 'same' };

    for (const [i, { s3 }] of clouds.entries()) {
      await s3.send(new CreateBucketCommand({ Bucket: where.Bucket }));
      await s3.send(new PutObjectCommand({ ...where, Body: String(i).repeat(LARGE) }));
    }

    for (const [i, { s3 }] of clouds.entries()) {
      const object = await s3.send(new GetObjectCommand(where));
      expect((await object.Body?.transformToString()) === String(i).repeat(LARGE)).toBe(true);
    }
  });

  it('in the foreground ends with Ctrl-C', { timeout: TEST_MS }, async () => {
    const { main, output, pids } = await startInForeground();
    const exit = once(main, 'exit');

    main.kill('SIGINT');

    expect(await exit).toEqual([0, null]);
    expect(pids.filter(processIsAlive)).toEqual([]);
    expect(stateDirectoriesOf(main)).toEqual([]);
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^export AWS_ENDPOINT_URL=\S+ AWS_ENDPOINT_URL_S3=\S+$/),
      'export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
      '',
    ]);
  });

  it('leaves nothing behind when its starter is killed', { timeout: TEST_MS }, async () => {
    const { main, pids } = await startInForeground();

    main.kill('SIGKILL');

    await vi.waitUntil(() => !pids.some(processIsAlive), patience);
    expect(stateDirectoriesOf(main)).toEqual([]);
  });
});

/** `npm run localstack`, with a function that never comes to rest. */
async function startInForeground(): Promise<{
  main: ChildProcess;
  output: string;
  /** Of LocalStack and of the function. */
  pids: number[];
}> {
  const main = spawn(process.execPath, ['--import', 'tsx', 'localstack/main.ts', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void main.kill('SIGKILL'));
  const output = String((await once(main.stdout, 'data'))[0]);
  const cloud = new Cloud(/AWS_ENDPOINT_URL=(\S+)/.exec(output)?.[1] ?? '');
  const name = await cloud.deploy(`
    import { writeFileSync } from 'node:fs';
    export const handler = async ({ file }) => {
      writeFileSync(file, process.ppid + '\\n' + process.pid + '\\n');
      for (;;);
    };`);
  const file = join(scratchDirectory(), 'pids');
  cloud.invoke(name, { file }).catch(() => {}); // it is cut off
  await vi.waitUntil(() => linesOf(file).length === 2, patience);
  const pids = linesOf(file).map(Number);
  expect(pids.every(processIsAlive)).toBe(true);
  return { main, output, pids };
}

function stateDirectoriesOf({ pid }: ChildProcess): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`lambduel-localstack-${pid}-`));
}
