import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleFunction } from '../../cdk/bundle.ts';
import { nativeLibrary } from '../../cdk/native/library.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { clonePaths } from '../../lib/installation/clone.mjs';
import { BINDING_FILE, PACKED_FOLDER } from '../../lib/packed/manifest.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { decodeSqsText, PAYLOAD } from '../../lib/queue/sqs-message.ts';
import { createWorker } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { type GradientJob, parseReply } from '../../lib/wire/messages.ts';
import { realJob } from '../../support/real-job.ts';
import { sameBits } from '../support/arrays.ts';
import { CannedServer } from '../support/canned-server.ts';
import { testFolders } from '../support/folders.ts';
import { makeBareRoot, mayChangeRoot, reportsOf, startRuntime } from './bare-root.ts';
import { node22 } from './node-22.ts';

/** What Lambda takes, unzipped. */
const LIMIT_BYTES = 250 * 2 ** 20;
const LONG_MS = 600_000;
/** Beside it, the folder's and the binding's own files. */
const WITHIN = ['/bin/', '/lib/', '/lib64/', '/usr/lib/', '/tmp/', '/var/task/'];

const newFolder = testFolders();

describe.skipIf(!nativeIsInstalled())("the native worker's folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = bundleFunction('worker', await newFolder());
    (await nativeLibrary()).addTo(folder);
  }, LONG_MS);

  it('fits into what Lambda takes', () => {
    const bytes = sizeOf(folder);
    process.stdout.write(`The native worker's folder has ${(bytes / 2 ** 20).toFixed(1)} MB\n`);
    expect(bytes).toBeGreaterThan(sizeOf(join(folder, PACKED_FOLDER)));
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it.skipIf(!mayChangeRoot())(
    'computes the same bits under Node.js 22 where there is nothing else',
    { timeout: LONG_MS },
    async () => {
      const store = await DiskStore.open(await newFolder());
      const job = await realJob(store);
      const { server, replies } = await startAws(store);
      const root = await newFolder();
      const { tfjs } = clonePaths();
      makeBareRoot(root, folder, await node22(), [join(tfjs, BINDING_FILE)]);

      const runtime = startRuntime(root, environment(server.endpoint));
      onTestFinished(() => void runtime.kill('SIGKILL'));
      const reports = createInterface({ input: reportsOf(runtime) })[Symbol.asyncIterator]();
      expect((await reports.next()).value).toBe('ready null');
      runtime.stdin?.write(`${JSON.stringify(invocationOf(job))}\n`);
      expect((await reports.next()).value).toBe('response {"batchItemFailures":[]}');
      const mapped = mappedFiles(runtime.pid as number);
      runtime.stdin?.end();
      await once(runtime, 'exit');

      // As this process computes it, with the library as it was before it was packed.
      const backend = await loadBackend('native', 1);
      const programs = builtInPrograms();
      const context = createWorker({ store, backend, programs, maxInlineBytes: Infinity });
      const expected = await performJob(context, job, 1);
      expect(replies).toHaveLength(1);
      const [{ MessageBody, MessageAttributes }] = replies as [Entry];
      const payload = Buffer.from(MessageAttributes[PAYLOAD]?.BinaryValue as string, 'base64');
      expect(parseReply(decodeSqsText(MessageBody))).toMatchObject({
        kind: 'success',
        round: 'step-7',
      });
      expect(sameBits(payload, expected.payload as Uint8Array)).toBe(true);
      expect(mapped.some((path) => /\/tmp\/lambduel-native-\w+\/lib\/.*\.node$/.test(path))).toBe(
        true,
      );
      const inside = WITHIN.map((path) => root + path);
      expect(mapped.filter((path) => !inside.some((prefix) => path.startsWith(prefix)))).toEqual(
        [],
      );
    },
  );
});

/** A message as it is sent to SQS. */
interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageAttributes: Readonly<Record<string, { readonly BinaryValue: string }>>;
}

/** S3 with the objects of a store, and SQS that keeps the messages that it is sent. */
async function startAws(store: DiskStore) {
  const objects = new Map<string, Uint8Array>();
  for (const { key } of await store.list('')) objects.set(key, (await store.get(key)).bytes);
  const replies: Entry[] = [];
  const server = await CannedServer.start();
  onTestFinished(() => server.close());
  server.respond(({ method, path, headers, body }) => {
    if (method === 'GET') {
      const key = decodeURIComponent(new URL(path, server.endpoint).pathname).replace(
        '/bucket/',
        '',
      );
      const found = objects.get(key);
      return found ? { status: 200, headers: { etag: '"1"' }, body: found } : { status: 404 };
    }
    if (headers['x-amz-target'] === 'AmazonSQS.GetQueueUrl') {
      return { status: 200, body: JSON.stringify({ QueueUrl: `${server.endpoint}/0/replies` }) };
    }
    if (headers['x-amz-target'] !== 'AmazonSQS.SendMessageBatch') return { status: 400 };
    const { Entries } = JSON.parse(body.toString()) as { Entries: Entry[] };
    replies.push(...Entries);
    const Successful = Entries.map(({ Id, MessageBody }) => {
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
      return { Id, MessageId: Id, MD5OfMessageBody };
    });
    return { status: 200, body: JSON.stringify({ Successful, Failed: [] }) };
  });
  return { server, replies };
}

function environment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    HOME: '/tmp',
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDUEL_STACK: 'Test',
    LAMBDUEL_BUCKET: 'bucket',
    LAMBDUEL_QUEUE_PREFIX: 'test-',
    LAMBDUEL_JOB_QUEUE_URL: `${endpoint}/0/jobs`,
    LAMBDUEL_WORKER_BACKEND: 'native',
    LAMBDUEL_WORKER_PACKAGING: 'zip',
  };
}

/** As the event source delivers a job. */
function invocationOf(job: GradientJob) {
  const record = {
    messageId: '1',
    receiptHandle: 'receipt',
    body: JSON.stringify(job),
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: {},
    eventSource: 'aws:sqs',
  };
  return {
    requestId: '1',
    functionArn: 'arn',
    traceId: '',
    deadlineMs: Date.now() + LONG_MS,
    event: JSON.stringify({ Records: [record] }),
  };
}

/** The files that a process has mapped, with their paths from outside its root. */
function mappedFiles(pid: number): string[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  return [...new Set(lines.flatMap((line) => /\s(\/.*)$/.exec(line)?.[1] ?? []))];
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const stats = entries.map((name) => statSync(join(folder, name)));
  return stats.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0);
}
