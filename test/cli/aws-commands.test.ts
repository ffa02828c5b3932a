import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openAwsTarget } from '../../lib/cli/aws-target.ts';
import { encodeGrid } from '../../lib/observe/png.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { writeCheckpoint } from '../../lib/run/record/checkpoint.ts';
import { runKeys } from '../../lib/run/record/keys.ts';
import { initialState, stateContents } from '../../lib/run/record/training-state.ts';
import type { S3Store } from '../../lib/store/s3.ts';
import { runConfig } from '../../support/fixtures.ts';
import { idxFile } from '../../support/idx-file.ts';
import { gradientJob } from '../../support/messages.ts';
import { runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { START_MS } from '../support/shared-localstack.ts';
import { createStack, LOG_GROUPS, openAccount } from './aws-stack.ts';
import { runHere } from './here.ts';
import { readNpy } from './npy-file.ts';
import { StoredCoordinator } from './stored-iterations.ts';

const SAMPLES = encodeGrid(new Uint8Array(784).fill(7), 1, [28, 28, 1]);
const [FINISHED, RUNNING, FAILED] = [runId(0), runId(1), runId(2)];

const folder = testFolders();
let store: S3Store;
let out: string;
beforeAll(async () => {
  await openAccount();
  store = await createStack('Commands');
  out = await folder();
  const finished = await StoredCoordinator.begin(store, { runId: FINISHED, iterations: 3 });
  await finished.iterations(0, 2);
  await store.put(runKeys.samples(FINISHED, 3), SAMPLES);
  const state = initialState(builtInPrograms().create(runConfig().program), 0);
  await writeCheckpoint(store, FINISHED, { iteration: 3, epoch: 1 }, stateContents(state));
  const checkpoint = { iteration: 3, epoch: 1 };
  await finished.end({ status: 'finished', iteration: 3, checkpoint });
  await StoredCoordinator.begin(store, { runId: RUNNING });
  const failed = await StoredCoordinator.begin(store, { runId: FAILED });
  await failed.end({
    status: 'failed',
    error: { name: 'Error', message: 'it \x1b[2Jdiverged\x07' },
  });
}, START_MS);
afterAll(() => void vi.unstubAllEnvs());

/** Run a command on the stack that succeeds. */
async function lambduel(...args: string[]) {
  const outcome = await runHere([...args, '--target', 'aws']);
  expect(outcome.code, outcome.stderr).toBe(0);
  return outcome;
}

test('runs lists them, with the status of each', async () => {
  const { lines, stderr } = await lambduel('runs');
  const rows = lines.flatMap((line) => {
    const [, id, status, iteration] = line.split(/[│|]/).map((cell) => cell.trim());
    return id?.startsWith('2026') ? [[id, status, iteration]] : [];
  });
  expect(rows).toEqual([
    [FINISHED, 'finished', '3/3'],
    [RUNNING, 'running', '0/10'],
    [FAILED, 'failed', '0/10'],
  ]);
  expect(stderr).toBe('');
});

test('status tells how a run is doing, and what to do on AWS', async () => {
  const json = await lambduel('status', FINISHED, '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ status: 'finished', iteration: 3 });
  const { stdout } = await lambduel('status', FAILED);
  expect(stdout).toMatch(/^status +failed: see the error below and `lambduel logs`/m);
  expect(stdout).toMatch(/^error +it \[2Jdiverged$/m); // without what would clear a terminal
});

test('status tells of dead letters, and redrive sends those of the run to the workers', async () => {
  const { dead, jobs } = (await openAwsTarget(undefined)).deadLetters;
  const body = JSON.stringify(gradientJob({ runId: RUNNING }));
  await dead.send([{ body }, { body: 'poison' }]);

  const before = JSON.parse((await lambduel('status', RUNNING, '--json')).stdout);
  const { stderr } = await lambduel('redrive', RUNNING);
  const { stdout } = await lambduel('status', RUNNING);

  expect(before.deadLetters).toEqual({ ofRun: 1, ofNoRun: 1 });
  expect(stderr).toContain(`1 job of run ${RUNNING} sent again.`);
  expect(stdout).toMatch(/^dead letters 0 jobs of this run, 1 messages of none$/m);
  expect((await jobs.receive({ max: 10, waitMs: 1000 })).map((job) => job.body)).toEqual([body]);
});

test('status of a run that there is not', async () => {
  const { code, stderr } = await runHere(['status', runId(9), '--target', 'aws']);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`There is no run ${runId(9)}`)]);
});

test('samples fetches a grid', async () => {
  const path = join(out, 'grid.png');
  await lambduel('samples', FINISHED, '--out', path);
  expect(await readFile(path)).toEqual(Buffer.from(SAMPLES));
});

test('generate draws with the weights in the bucket', async () => {
  const path = join(out, 'images.npy');
  await lambduel('generate', FINISHED, '--count', '2', '--out', path, '--backend', 'wasm');
  expect(readNpy(await readFile(path)).shape).toEqual([2, 784]);
});

test('report writes the page into the bucket and into a file', async () => {
  const path = join(out, 'report.html');
  const { stdout, stderr } = await lambduel('report', FINISHED, '--out', path);
  const page = await readFile(path);
  expect(page.toString()).toContain(FINISHED);
  expect(page).toEqual(Buffer.from((await store.get(runKeys.report(FINISHED))).bytes));
  expect(stderr).toBe(`${path}\ns3://${store.bucket}/${runKeys.report(FINISHED)}\n`);
  expect(stdout).toBe('');
});

test('data import uploads a dataset, which data list shows with the digits', async () => {
  const path = join(out, 'images-ubyte');
  await writeFile(path, idxFile({ sizes: [3, 28, 28], data: new Uint8Array(3 * 784) }));
  const { stderr } = await lambduel('data', 'import', path, '--name', 'blank');
  expect(stderr).toContain('Train on it with: npx lambduel train --dataset blank --target aws');
  const { stdout } = await lambduel('data', 'list');
  expect(stdout).toMatch(/blank\b.*\b3\b.*28x28/);
  expect(stdout).toMatch(/digits\b.*\b10000\b.*28x28/);
});

test('cancel asks a coordinator to end, and ends a run that has none', async () => {
  expect((await lambduel('cancel', RUNNING)).stderr).toContain('has been asked to end');
  expect((await lambduel('cancel', FAILED)).stderr).toContain('is cancelled');
  const { code, stderr } = await runHere(['cancel', FINISHED, '--target', 'aws']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('is finished')]);
});

describe('logs', () => {
  const LOGGED = runId(5);
  const now = Date.now();
  const line = (level: string, message: string, more: object = {}) =>
    JSON.stringify({ level, message, ...more });
  const [COORDINATOR, WORKER, WATCHDOG] = [
    [
      line('INFO', 'Run taken up', { runId: LOGGED }),
      line('WARN', 'Job sent again', { runId: LOGGED, reason: 'late' }),
      line('ERROR', 'The coordinator failed', {
        runId: LOGGED,
        error: { name: 'StoreUnavailableError', message: 'no bucket', stack: 'at x' },
      }),
      line('ERROR', 'Of another run: Runtime.', { runId: runId(6) }),
      `START RequestId: 1 ${LOGGED}`,
    ],
    [`${new Date(now).toISOString()} 2 Task timed out after 60.00 seconds\n\n`, 'END RequestId: 2'],
    ['RequestId: 3 Error: Runtime exited with error: signal: killed'],
  ];

  beforeAll(async () => {
    await StoredCoordinator.begin(store, { runId: LOGGED, createdAt: earlier(1) });
    const client = new CloudWatchLogsClient({});
    const logs = [COORDINATOR, WORKER, WATCHDOG];
    for (const [i, logGroupName] of LOG_GROUPS.entries()) {
      const stream = { logGroupName, logStreamName: 'one' };
      await client.send(new CreateLogGroupCommand({ logGroupName }));
      await client.send(new CreateLogStreamCommand(stream));
      const events = logs[i]?.map((message, k) => ({
        timestamp: now - 1000 + 10 * i + k,
        message,
      }));
      await client.send(new PutLogEventsCommand({ ...stream, logEvents: events ?? [] }));
    }
    client.destroy();
  });
  const earlier = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

  test("shows a run's warnings and errors, and what the runtime tells, oldest first", async () => {
    const { lines } = await lambduel('logs', LOGGED);
    expect(lines.map((text) => text.replace(/^\S+ +/, ''))).toEqual([
      'coordinator  WARN   Job sent again: late',
      'coordinator  ERROR  The coordinator failed: StoreUnavailableError: no bucket',
      expect.stringMatching(/^worker {7}ERROR {2}\S+ 2 Task timed out after 60\.00 seconds$/),
    ]);
  });

  test('--all shows lines of all levels', async () => {
    const { lines } = await lambduel('logs', LOGGED, '--all');
    expect(lines.map((text) => text.split(/ {2,}/).slice(1, 3).join(' '))).toEqual([
      'coordinator INFO',
      'coordinator WARN',
      'coordinator ERROR',
      'coordinator INFO',
      'worker ERROR',
    ]);
  });

  test('--json gives all that was logged', async () => {
    const { lines } = await lambduel('logs', LOGGED, '--json');
    expect(lines.map((text) => JSON.parse(text))).toEqual([
      expect.objectContaining({ source: 'coordinator', level: 'WARN', reason: 'late' }),
      expect.objectContaining({ error: expect.objectContaining({ stack: 'at x' }) }),
      expect.objectContaining({ source: 'worker', level: 'ERROR' }),
    ]);
  });

  test('--since bounds the time; nothing to show is said', async () => {
    const { stdout, stderr } = await lambduel('logs', LOGGED, '--since', '0m');
    expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^No warnings or errors of run/)]);
  });

  test('the runtime does not tell of a run that was over before', async () => {
    const over = await StoredCoordinator.begin(store, { runId: runId(6), createdAt: earlier(2) });
    await over.end({ status: 'finished' });
    const key = runKeys.head(runId(6));
    const head = JSON.parse(Buffer.from((await store.get(key)).bytes).toString());
    await store.put(key, Buffer.from(JSON.stringify({ ...head, updatedAt: earlier(1) })));
    const { lines } = await lambduel('logs', runId(6));
    expect(lines).toEqual([expect.stringContaining('Of another run')]);
  });
});
