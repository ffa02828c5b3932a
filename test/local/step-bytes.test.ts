import { beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { encodeSqsMessage, maxPayloadBytes, sqsBytes } from '../../lib/queue/sqs-message.ts';
import { systemClock } from '../../lib/run/clock.ts';
import type { RunConfig } from '../../lib/run/record/config.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { createWorker } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { runConfig, storeWith } from '../../support/fixtures.ts';
import { availableBackend } from '../support/backend.ts';
import { testFolders } from '../support/folders.ts';
import { play, type Script } from './scripted-run.ts';

const SHARDS = 4;
/** The last generator, which is published for the sample grid alone. */
const LAST = '/weights/G/4-';
/** What a worker function reserves for the text of an answer. */
const ANSWER_BYTES = 4096;

const folder = testFolders();
let backend: Backend;
let floats: Bytes;

beforeAll(async () => {
  backend = await availableBackend();
  floats = await bytesOfRun({});
});

/** Bytes of two iterations at four shards. */
interface Bytes {
  /** Of published weights: written once, and read by each worker. */
  weights: number;
  /** Of gradients, as objects or in messages, on the way to the store or queue and from there. */
  gradients: number;
  /** Of the same gradients before they are made a message's text. */
  payloads: number;
}

/** Train with four workers whose limits are those of functions, and count what travels. */
async function bytesOfRun(change: Partial<RunConfig>, compress = false): Promise<Bytes> {
  const bytes: Bytes = { weights: 0, gradients: 0, payloads: 0 };
  const disk = await DiskStore.open(await folder());
  const pixels = { images: new Uint8Array(8 * 784).fill(99), examples: 8 };
  const points = { ...pixels, name: 'grey', source: '', shape: [28, 28, 1] as const };
  const { name, sha256, examples } = await packDataset(disk, points);
  const dataset = { name, sha256, examples };
  const length = { iterations: 2, batch: 8, sampleEvery: 0, checkpointEvery: 0 };
  const config = runConfig({ dataset, ...length, shards: SHARDS, sampleCount: 1, ...change });
  await createRun(disk, config, systemClock);
  const store = counting(disk, bytes);
  const programs = builtInPrograms();
  const maxInlineBytes = maxPayloadBytes(ANSWER_BYTES);
  const workers = Array.from({ length: SHARDS }, () =>
    createWorker({ store, backend, programs, maxInlineBytes }),
  );
  let last = Promise.resolve<Message>({ body: '' });
  const script: Script = async (job) => {
    const worker = workers[job.kind === 'gradient' ? job.shard : 0] as (typeof workers)[0];
    last = last.then(() => performJob(worker, job, 1));
    const message = await last;
    if (job.kind === 'gradient' && message.payload) {
      bytes.gradients += 2 * sqsBytes(encodeSqsMessage(message));
      bytes.payloads += 2 * message.payload.length;
    }
    return [message];
  };
  const queues = new LocalQueueService();
  await play({ store, runId: config.runId, queues, script, change: { programs, compress } });
  return bytes;
}

function counting(disk: DiskStore, bytes: Bytes): Store {
  const count = (key: string, { length }: Uint8Array) => {
    if (/\/weights\/[DG]\//.test(key) && !key.includes(LAST)) bytes.weights += length;
    if (!/\/gradients\/\d+\//.test(key)) return;
    bytes.gradients += length;
    bytes.payloads += length;
  };
  return storeWith(disk, {
    get: async (key, memory) => {
      const object = await disk.get(key, memory);
      count(key, object.bytes);
      return object;
    },
    create: (key, written, options) => {
      count(key, written);
      return disk.create(key, written, options);
    },
  });
}

const total = ({ weights, gradients }: Bytes) => weights + gradients;

test('float32 moves each version of a network five times, and each gradient twice', () => {
  const [D, G] = [4 * 314_401, 4 * 354_784];
  // Two D steps and four G steps. Both networks begin as version 0, and the last G is not needed.
  const weights = (SHARDS + 1) * (3 * D + 4 * G);
  const gradients = 2 * SHARDS * (2 * D + 4 * G);
  expect(floats.weights / weights).toBeCloseTo(1, 2);
  expect(floats.gradients / gradients).toBeCloseTo(1, 2);
  expect(floats.payloads).toBe(floats.gradients);
});

test('half floats for both take half', async () => {
  const halves = await bytesOfRun({ wire: 'f16', weightsWire: 'f16' });
  expect(halves.weights / floats.weights).toBeLessThan(0.501);
  expect(halves.payloads / floats.payloads).toBeLessThan(0.501);
  expect(total(halves) / total(floats)).toBeLessThan(0.502);
});

test('gradients of 8 bits take a quarter, and little more than a third with half floats for weights', async () => {
  const bytes = await bytesOfRun({ wire: 'int8', weightsWire: 'f16' });
  expect(bytes.weights / floats.weights).toBeLessThan(0.501);
  expect(bytes.payloads / floats.payloads).toBeLessThan(0.255);
  expect(total(bytes) / total(floats)).toBeLessThan(0.36);
});

test('compressed, as on AWS, all of them take less', async () => {
  const halves = await bytesOfRun({ wire: 'f16', weightsWire: 'f16' }, true);
  expect(halves.weights / floats.weights).toBeLessThan(0.43);
  expect(halves.gradients / floats.gradients).toBeLessThan(0.4);
  const bytes = await bytesOfRun({ wire: 'int8', weightsWire: 'f16' }, true);
  expect(bytes.gradients / floats.gradients).toBeLessThan(0.2);
  const unchanged = await bytesOfRun({}, true);
  expect(total(unchanged)).toBe(total(floats));
});
