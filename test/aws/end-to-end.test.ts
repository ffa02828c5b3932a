import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TriggerAnswer } from '../../lib/cloud/trigger.ts';
import { datasetKeys } from '../../lib/data/dataset-meta.ts';
import { findDataset } from '../../lib/data/list.ts';
import { readMetrics } from '../../lib/observe/metrics.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { Lease } from '../../lib/run/coordinator/lease.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { repliesQueue } from '../../lib/run/record/keys.ts';
import { createRun, listRuns, readConfig } from '../../lib/run/record/runs.ts';
import { resolveConfig } from '../../lib/run/record/settings.ts';
import { CLASSIFIER_VERSION } from '../../lib/run/worker/classifier.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { DeployedStack } from '../../localstack/deployed-stack.ts';
import { installLocalStack } from '../../localstack/install.ts';
import { FEW_DIGITS, packFewDigits } from '../../support/few-digits.ts';
import { resultOf } from '../../support/run-result.ts';
import { StackUser, until } from '../../support/stack-user.ts';
import { finalWeights, runId, sameWeights } from '../../support/stored-run.ts';
import { type Outcome, runToEnd } from '../cli/command-line.ts';
import { runHere } from '../cli/here.ts';
import { sharedStack } from '../support/shared-stack.ts';

/** Long enough for a classifier that is trained on a machine that is busy. */
vi.setConfig({ testTimeout: 900_000, hookTimeout: 600_000 });

const run = promisify(execFile);
const ITERATIONS = 6;
const SHARDS = 4;

let stack: DeployedStack;
let user: StackUser;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambduel-e2e-'));
  stack = await sharedStack();
  user = new StackUser(stack);
  Object.assign(process.env, stack.localStack.env); // for the commands
});
afterAll(async () => {
  await stack?.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Run a command that succeeds. */
async function lambduel(...args: string[]): Promise<Outcome> {
  const outcome = await runHere(args);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return outcome;
}

async function invoke(
  event: unknown,
  FunctionName = user.outputs.CoordinatorFunctionName,
): Promise<{ answer: unknown; error: string | undefined }> {
  const { Payload, FunctionError } = await user.lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
  );
  return { answer: JSON.parse(Payload?.transformToString() ?? 'null'), error: FunctionError };
}

async function start(settings: object): Promise<string> {
  const { answer, error } = await invoke({ action: 'train', shards: SHARDS, ...settings });
  expect(error).toBeUndefined();
  return (answer as TriggerAnswer).runId;
}

/** Options that have a worker of this machine compute as the functions do. */
function asThere(): string[] {
  return ['--backend', user.outputs.WorkerBackend, '--threads', '1', '--workers', '1'];
}

/** What a run of these settings comes to on this machine, with no cloud. */
async function embedded(iterations: number, seed = 0, change: object = {}) {
  const store = await mkdtemp(join(folder, 'store-'));
  const settings = { iterations, seed, shards: SHARDS, wire: 'f16', ...change };
  const options = Object.entries(settings).flatMap(([name, value]) => [
    `--${name}`,
    ...[value].flat().map(String),
  ]);
  await lambduel('train', ...options, '--run-id', runId(), '--store', store, ...asThere());
  return finalWeights(store);
}

/** The last weights of a run of the stack, as files that a run can begin with. */
async function weightFiles(id: string): Promise<string[]> {
  const weights = Object.entries(await user.finalWeights(id));
  return Promise.all(
    weights.map(async ([network, bytes]) => {
      const path = join(folder, `${id}-${network}.safetensors`);
      await writeFile(path, bytes);
      return path;
    }),
  );
}

let msPerIteration = 1000;

describe('a stack that cdklocal deployed', () => {
  test('trains to the bits of the embedded run, and gives its samples', async () => {
    const id = runId(1);
    const size = ['--iterations', `${ITERATIONS}`, '--shards', `${SHARDS}`, '--run-id', id];
    const train = await runToEnd(['train', '--target', 'aws', ...size, '--json']);
    const { lines, code, stderr } = train;
    expect(code, stderr).toBe(0);
    expect(lines.map((line) => JSON.parse(line).iteration)).toEqual([...Array(ITERATIONS).keys()]);
    expect((await user.head(id)).status).toBe('finished');

    const out = join(folder, 's.png');
    await lambduel('samples', id, '--target', 'aws', '--out', out);
    const { width, height } = PNG.sync.read(await readFile(out));
    expect(width * height).toBeGreaterThanOrEqual(64 * 28 * 28);

    expect((await readConfig(user.store, id)).backend).toBe(user.outputs.WorkerBackend);
    expect(sameWeights(await user.finalWeights(id), await embedded(ITERATIONS))).toBe(true);

    const metrics = await readMetrics(user.store, id);
    const steps = metrics.flatMap((report) => report.steps);
    expect(steps.map(({ step }) => step)).toEqual([...Array(3 * ITERATIONS).keys()]);
    expect(steps.map(({ phase }) => phase).join('')).toBe('DGG'.repeat(ITERATIONS));
    await user.untilQuiet();
    // Not the mean: in the first iteration functions start.
    msPerIteration = metrics.map(({ ms }) => ms).sort((a, b) => a - b)[ITERATIONS / 2] as number;
  });

  test('hands a run over from coordinator to coordinator when their time is short', async () => {
    // So short that a coordinator has time for about three iterations, however fast the machine is.
    const seconds = Math.max(4, Math.ceil((3 * msPerIteration) / 600));
    const iterations = Math.ceil((3.5 * 600 * seconds) / msPerIteration);
    await limitTime(seconds);
    try {
      const id = await start({ iterations });
      const { epoch } = await user.untilFinished(id);
      expect(epoch).toBeGreaterThanOrEqual(3);
      expect(sameWeights(await user.finalWeights(id), await embedded(iterations))).toBe(true);
    } finally {
      await limitTime(900);
    }
    await user.untilQuiet();
  });

  test('trains lanes with local iterations to the bits of the embedded run', async () => {
    const id = await start({ iterations: 7, localIterations: 3, wire: 'f32', checkpointEvery: 3 });
    await user.untilFinished(id);
    const here = await embedded(7, 0, { 'local-iterations': 3, wire: 'f32' });
    expect(sameWeights(await user.finalWeights(id), here)).toBe(true);
    const metrics = await readMetrics(user.store, id);
    expect(metrics.map(({ iteration }) => iteration)).toEqual([...Array(7).keys()]);
    // Three rounds, of which the checkpoints that are kept name all states.
    const states = await user.store.list(`runs/${id}/lanes/`);
    expect(states).toHaveLength(3 * SHARDS);
    await user.untilQuiet();
  });

  test('trains with resident workers from files to the bits of the embedded run, and leaves none', async () => {
    const files = await weightFiles(runId(1));
    const size = ['--iterations', '4', '--shards', `${SHARDS}`, '--run-id', runId(4)];
    const options = [...size, '--init-from', ...files];
    await lambduel('train', '--target', 'aws', '--fleet', 'resident', ...options);
    const { fleet, cost } = await user.head(runId(4));
    expect(fleet).toBe('resident');
    expect(cost).toBeGreaterThan(0);
    const here = await embedded(4, 0, { 'init-from': files });
    expect(sameWeights(await user.finalWeights(runId(4)), here)).toBe(true);
    expect(sameWeights(here, await embedded(4))).toBe(false);
    await user.untilQuiet();
  });

  test("trains lanes from a run's weights with resident workers, fewer than lanes", async () => {
    const lanes = { iterations: 4, localIterations: 2, wire: 'f32', checkpointEvery: 2 };
    const id = await start({ ...lanes, fleet: 'resident', workers: 2, initFrom: runId(1) });
    await user.untilFinished(id);
    const from = { 'init-from': await weightFiles(runId(1)) };
    const here = await embedded(4, 0, { 'local-iterations': 2, wire: 'f32', ...from });
    expect(sameWeights(await user.finalWeights(id), here)).toBe(true);
    await user.untilQuiet();
  });

  test.each([
    [{ shards: 17 }, /the run wants 17 workers, one per shard, and this stack has at most 16/],
    [{ workers: 17 }, /the run wants 17 workers, and this stack has at most 16/],
  ])('refuses more resident workers than it may have: %j', async (change, reason) => {
    const before = await listRuns(user.store);
    const { answer } = await invoke({ action: 'train', fleet: 'resident', ...change });
    expect(answer).toMatchObject({ errorMessage: expect.stringMatching(reason) });
    expect(await listRuns(user.store)).toEqual(before);
  });

  test('trains dcgan with average and scores to the bits, and the scores, of one machine', async () => {
    const size = ['--features', '8', '--iterations', '3', '--batch', '64', '--shards', '2'];
    const scores = ['--ema-half-life', '200', '--score-every', '2', '--score-count', '50'];
    const run = ['--preset', 'dcgan', '--dataset', FEW_DIGITS, '--conditional', '--wire', 'f16'];
    const id = runId(3);
    const options = [...run, ...size, ...scores, '--run-id', id];
    const here = await DiskStore.open(await mkdtemp(join(folder, 'store-')));
    const { name, sha256 } = await packFewDigits(user.store);
    await packFewDigits(here);
    await lambduel('train', '--target', 'aws', ...options);
    // Scored by one classifier, which takes long to train.
    const classifier = datasetKeys.classifier(name, sha256, CLASSIFIER_VERSION);
    await here.put(classifier, (await user.store.get(classifier)).bytes);
    await lambduel('train', ...options, '--store', here.root, ...asThere());

    const [result, expected] = [await resultOf(user.store, id), await resultOf(here, id)];
    const files = ['D', 'G', 'adam-D', 'adam-G', 'best', 'ema-G', 'generator'];
    expect([...result.keys()].sort()).toEqual(files);
    for (const [name, bytes] of expected)
      expect(sameBytes(result.get(name), bytes), name).toBe(true);
    expect(sameBytes(result.get('ema-G'), expected.get('G'))).toBe(false);
    const told = (await readMetrics(user.store, id)).map(({ metrics }) => metrics);
    expect(told).toEqual((await readMetrics(here, id)).map(({ metrics }) => metrics));
    const distances = told.map(({ frechet }) => frechet);
    expect(distances).toEqual([undefined, expect.any(Number), expect.any(Number)]);
    await user.untilQuiet();
  });

  test('trains a program file to the bits of the embedded run, and generates from it', async () => {
    const id = runId(15);
    const file = ['--program', 'support/program-file.ts', '--set', 'hidden=9', '--wire', 'f16'];
    const size = [...file, '--iterations', '4', '--shards', '2'];
    await runToEnd(['train', '--target', 'aws', ...size, '--run-id', id]);
    const store = await mkdtemp(join(folder, 'store-'));
    const own = ['--backend', user.outputs.WorkerBackend, '--store', store, '--run-id', runId(16)];
    await lambduel('train', ...size, ...own);
    expect(sameWeights(await user.finalWeights(id), await finalWeights(store, runId(16)))).toBe(
      true,
    );
    const drawn = async (...from: string[]) => {
      const out = join(folder, `${from.length}.npy`);
      await lambduel('generate', ...from, '--count', '4', '--backend', 'wasm', '--out', out);
      return readFile(out);
    };
    expect(await drawn(id, '--target', 'aws')).toEqual(await drawn(runId(16), '--store', store));
    await user.untilQuiet();
  });

  test('refuses an invalid trigger with the reason, and writes nothing', async () => {
    const before = await listRuns(user.store);
    const { answer, error } = await invoke({ action: 'train', batch: 2, shards: 'many' });
    expect(error).toBeDefined();
    expect(answer).toMatchObject({ errorMessage: expect.stringMatching(/shards many: must be/) });
    expect(await listRuns(user.store)).toEqual(before);
  });
});

describe.concurrent('at the same time, the stack', () => {
  test('is used by boto3 with no code of ours', async () => {
    const out = join(folder, 'boto3.png');
    const script = fileURLToPath(new URL('train_with_boto3.py', import.meta.url));
    const python = await installLocalStack(); // its packages have boto3
    const { CoordinatorFunctionName } = user.outputs;
    const env = { ...process.env, AWS_DEFAULT_REGION: process.env.AWS_REGION };
    const { stdout } = await run(python, [script, CoordinatorFunctionName, out], { env });
    expect(stdout.trim()).toBe('finished');
    expect(PNG.sync.read(await readFile(out)).width).toBeGreaterThanOrEqual(8 * 28);
  });

  test('trains two runs at once, one of many shards, each to its own bits', async () => {
    const settings = [
      { iterations: 4, seed: 1, shards: SHARDS, wire: 'f16' },
      { iterations: 1, seed: 2, shards: 64, wire: 'int8' },
    ];
    const ids = await Promise.all(settings.map(start));
    for (const [i, { iterations, seed, ...own }] of settings.entries()) {
      const id = ids[i] as string;
      await user.untilFinished(id);
      const here = await embedded(iterations, seed, own);
      expect(sameWeights(await user.finalWeights(id), here)).toBe(true);
    }
  });

  test('sends messages that are no jobs to the dead letters, and works on', async () => {
    const { JobQueueUrl: QueueUrl, DeadLetterQueueUrl } = user.outputs;
    const newer = JSON.stringify({ format: 2, kind: 'gradient' });
    for (const MessageBody of ['poison', newer]) {
      await user.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    }
    await user.untilFinished(await start({ iterations: 2 }));
    await until(async () => (await user.messagesIn(DeadLetterQueueUrl)) === 2 || undefined, 'both');
    await user.sqs.send(new PurgeQueueCommand({ QueueUrl: DeadLetterQueueUrl }));
  });

  test('goes on with a run whose coordinator died', async () => {
    const id = runId(2);
    await createRun(user.store, await configOf(id, 2), systemClock);
    const owner = { owner: 'a dead one', durationMs: 1, clock: systemClock };
    const { epoch } = await Lease.take(user.store, id, owner);
    await user.queues.create(repliesQueue(id, epoch), { visibilityMs: 30_000 });
    // As the schedule does each minute.
    const { error } = await invoke({}, user.outputs.WatchdogLogGroup.split('/').at(-1));
    expect(error).toBeUndefined();
    const head = await user.untilFinished(id);
    expect(head.epoch).toBe(2);
  });

  test('ends a run that is cancelled in the middle', async () => {
    const id = await start({ iterations: 100_000, shards: 1 });
    await user.untilHead(id, ({ lease }) => lease !== null);
    await lambduel('cancel', id, '--target', 'aws');
    const { checkpoint } = await user.untilHead(id, ({ status }) => status === 'cancelled');
    expect(checkpoint).not.toBeNull();
    expect(await user.store.list(`runs/${id}/weights/`)).toEqual([]);
  });
});

test('what has run has left the queues as they were', async () => {
  await expect(user.untilQuiet()).resolves.toBeUndefined();
});

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}

async function configOf(id: string, iterations: number): Promise<RunConfig> {
  return resolveConfig(
    { preset: 'digits', iterations, shards: SHARDS },
    {
      runId: id,
      createdAt: new Date(),
      backend: user.outputs.WorkerBackend,
      defaultWire: 'f16',
      dataset: await findDataset(user.store, 'digits'),
    },
  );
}

async function limitTime(Timeout: number): Promise<void> {
  const FunctionName = user.outputs.CoordinatorFunctionName;
  await user.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout }));
  const patience = { client: user.lambda, minDelay: 0.2, maxDelay: 0.5, maxWaitTime: 60 };
  await waitUntilFunctionUpdatedV2(patience, { FunctionName });
}
