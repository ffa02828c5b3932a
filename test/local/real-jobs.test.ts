import { beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { chooseBackend } from '../../lib/backend/choose.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { findDataset } from '../../lib/data/list.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { initialState } from '../../lib/run/record/training-state.ts';
import { createWorker, type WorkerContext } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { type DatasetReference, type GradientJob, parseReply } from '../../lib/wire/messages.ts';
import { decodeParameters, encodeParameters } from '../../lib/wire/parameters.ts';
import { decodeGradient } from '../support/decode-gradient.ts';
import { testFolders } from '../support/folders.ts';
import { play, type Script, tinyConfig } from './scripted-run.ts';
import { tinyProgram } from './tiny-program.ts';

const folder = testFolders();
const programs = builtInPrograms().register(tinyProgram);
let backend: Backend;
let store: Store;

beforeAll(async () => {
  backend = await loadBackend(chooseBackend('auto'), 1);
  store = await DiskStore.open(await folder());
});

function workerContext(): WorkerContext {
  return createWorker({ store, backend, programs, maxInlineBytes: Infinity });
}

describe.each([
  ['digits', 1],
  ['blog', 255],
])('the gradients of preset %s', (_preset, outputScale) => {
  const BATCH = 27; // shards of 3 and 4

  test.each([0, 1])('are the same for 1 and 8 shards: phase %d', async (phase) => {
    const [whole, inShards] = [await gradient(phase, 1), await gradient(phase, 8)];
    for (const { offset, size } of whole.layout.tensors) {
      const [a, b] = [whole, inShards].map(({ values }) => values.subarray(offset, offset + size));
      const largest = (a as Float64Array).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const furthest = (a as Float64Array).reduce(
        (max, value, i) => Math.max(max, Math.abs(value - (b?.[i] as number))),
        0,
      );
      expect(largest).toBeGreaterThan(0);
      expect(furthest / largest).toBeLessThan(1e-5);
    }
  });

  test('come with who computed them and when, if the job asks', async () => {
    const { body } = await performJob(workerContext(), { ...(await jobOf(0)), trace: true }, 1);
    expect(parseReply(body)).toMatchObject({
      worker: `process ${process.pid}`,
      trace: { takenAt: expect.any(Number), startMs: expect.any(Number), storeMs: 0 },
    });
    const { body: plain } = await performJob(workerContext(), await jobOf(0), 1);
    expect(Object.keys(parseReply(plain))).not.toContain('trace');
    expect(Object.keys(parseReply(plain))).not.toContain('worker');
  });

  /** The mean gradient of a step's whole batch, from a job a shard. */
  async function gradient(phase: number, shards: number) {
    const program = builtInPrograms().create(reference);
    const layout = networkLayout(networkOf(program, program.phases[phase]?.network as string));
    const values = new Float64Array(layout.size);
    const context = workerContext();
    for (let shard = 0; shard < shards; shard++) {
      const job: GradientJob = { ...(await jobOf(phase)), shard, shards };
      const { body, payload } = await performJob(context, job, 1);
      expect(parseReply(body)).toMatchObject({ kind: 'success', index: shard });
      const size =
        Math.floor(((shard + 1) * BATCH) / shards) - Math.floor((shard * BATCH) / shards);
      const part = decodeGradient(layout, payload as Uint8Array, 'the answer');
      part.forEach((value, i) => {
        values[i] = (values[i] as number) + (size / BATCH) * value;
      });
    }
    return { layout, values };
  }

  const reference = { name: 'mlp-gan', settings: { outputScale } };

  async function jobOf(phase: number): Promise<GradientJob> {
    return {
      format: 1,
      kind: 'gradient',
      runId: '20260131-235959-0a1b',
      epoch: 1,
      attempt: 1,
      seed: 5,
      program: reference,
      weights: await publishedWeights(outputScale),
      replyTo: 'replies',
      step: 0,
      phase,
      shard: 0,
      shards: 1,
      batch: BATCH,
      dataset: await findDataset(store, 'digits'),
      wire: 'f32',
      gradients: 'eager',
    };
  }

  /** The networks as they are before the first step. */
  async function publishedWeights(scale: number) {
    const state = initialState(builtInPrograms().create(reference), 5);
    const published: GradientJob['weights'] = {};
    for (const [network, { layout, adam }] of state) {
      const bytes = encodeParameters(layout, adam.parameters);
      const key = `weights-${scale}/${network}`;
      await store.create(key, bytes).catch(() => {}); // it is there already
      published[network] = { key, crc32: crc32(bytes) };
    }
    return published;
  }
});

test('a second program trains without any change of the coordinator or the worker', async () => {
  const pixels = Uint8Array.from([0, 255, 51, 255, 102, 255, 51, 255]); // means 0.2 and 1
  const named = {
    name: 'points',
    images: pixels,
    examples: 4,
    shape: [1, 2, 1],
    source: '',
  } as const;
  const { name, sha256, examples } = await packDataset(store, named);
  const dataset: DatasetReference = { name, sha256, examples };
  const iterations = 60;
  const config = tinyConfig({ dataset, iterations, batch: 64, learningRate: 0.05, seed: 3 });
  await createRun(store, config, systemClock);
  const context = workerContext();
  let last = Promise.resolve<Message>({ body: '' });
  const script: Script = async (job) => {
    last = last.then(() => performJob(context, job, 1)); // as a worker: one job at a time
    return [await last];
  };
  const tensors = backend.tf.memory().numTensors;

  const { status } = await play({ store, runId: config.runId, script });

  expect(status).toBe('finished');
  const center = await finalTensor(config.runId, 'center');
  expect(center[0]).toBeCloseTo(0.2, 1);
  expect(center[1]).toBeCloseTo(1, 1);
  const maker = await finalTensor(config.runId, 'maker');
  expect(maker[0]).toBeCloseTo(center[0] as number, 1);
  expect(maker[1]).toBeCloseTo(center[1] as number, 1);
  expect(backend.tf.memory().numTensors - tensors).toBe(3); // the networks in the worker's cache
});

async function finalTensor(runId: string, network: string): Promise<Float32Array> {
  const { head } = await readHead(store, runId);
  const { iteration, epoch } = head.checkpoint as { iteration: number; epoch: number };
  const key = `runs/${runId}/checkpoints/${iteration}-e${epoch}/${network}.safetensors`;
  const layout = networkLayout(networkOf(tinyProgram.create({ pull: 1 }), network));
  return decodeParameters(layout, (await store.get(key)).bytes, key);
}
