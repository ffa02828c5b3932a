import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { processAlive } from '../../lib/store/process-alive.mjs';
import { clientEnvironment } from '../../localstack/environment.ts';
import { installLocalStack } from '../../localstack/install.ts';
import { freePort } from '../../localstack/port.ts';
import { launchLocalStack, startLocalStack } from '../../localstack/start.ts';
import { Cloud, uniqueName } from './cloud.ts';
import { linesOf, scratchDirectory } from './scratch.ts';

const TEST_MS = 60_000;
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

  it('removes its state when it stops, large objects too', { timeout: TEST_MS }, async () => {
    const localStack = await launchLocalStack();
    onTestFinished(() => localStack.stop());
    const cloud = new Cloud(localStack);
    const Bucket = uniqueName();
    const Body = 'x'.repeat(1_000_000); // LocalStack keeps smaller ones in memory
    await cloud.s3.send(new CreateBucketCommand({ Bucket }));
    await cloud.s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body }));
    const [state = ''] = stateDirectoriesOf(process.pid);

    expect(readdirSync(join(tmpdir(), state, 'tmp/s3'))).toContain(Bucket);
    await localStack.stop();
    expect(stateDirectoriesOf(process.pid)).toEqual([]);
  });

  it('in the foreground ends with Ctrl-C', { timeout: TEST_MS }, async () => {
    const { main, output, pids } = await startInForeground();
    const exit = once(main, 'exit');

    main.kill('SIGINT');

    expect(await exit).toEqual([0, null]);
    expect(pids.filter(processAlive)).toEqual([]);
    expect(stateDirectoriesOf(main.pid)).toEqual([]);
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^export AWS_ENDPOINT_URL=\S+ AWS_ENDPOINT_URL_S3=\S+$/),
      'export AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test',
      '',
    ]);
  });

  it('leaves nothing behind when its starter is killed', { timeout: TEST_MS }, async () => {
    const { main, pids } = await startInForeground();

    main.kill('SIGKILL');

    await vi.waitUntil(() => !pids.some(processAlive), patience);
    expect(stateDirectoriesOf(main.pid)).toEqual([]);
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
  const endpoint = /AWS_ENDPOINT_URL=(\S+)/.exec(output)?.[1] ?? '';
  const cloud = new Cloud({ endpoint, env: clientEnvironment(endpoint) });
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
  expect(pids.every(processAlive)).toBe(true);
  return { main, output, pids };
}

function stateDirectoriesOf(pid: number | undefined): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`lambduel-localstack-${pid}-`));
}
