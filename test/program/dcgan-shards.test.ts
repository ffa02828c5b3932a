import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { Dataset } from '../../lib/data/dataset.ts';
import { uniforms } from '../../lib/numeric/random.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { dcganDefaults } from '../../lib/program/dcgan-settings.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import { systemClock } from '../../lib/run/clock.ts';
import { readHead } from '../../lib/run/record/head.ts';
import { createRun } from '../../lib/run/record/runs.ts';
import { initialState } from '../../lib/run/record/training-state.ts';
import { createWorker, type WorkerContext } from '../../lib/run/worker/context.ts';
import { drawArrays, toInputs } from '../../lib/run/worker/phase-inputs.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { type GradientJob, parseReply } from '../../lib/wire/messages.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { gradientJob } from '../../support/messages.ts';
import { play, tinyConfig } from '../local/scripted-run.ts';
import { drawReference, streamReference } from '../numeric/reference-random.ts';
import { largestOf } from '../support/arrays.ts';
import { availableBackend } from '../support/backend.ts';
import { decodeGradient } from '../support/decode-gradient.ts';
import { testFolders } from '../support/folders.ts';

const BATCH = 128;
const EXAMPLES = 50;
const CLASSES = 3;
const SEED = 5;

const folder = testFolders();
const programs = builtInPrograms();
const reference = {
  name: 'dcgan',
  settings: { ...dcganDefaults, features: 4, conditional: true, classes: CLASSES },
};
const program = programs.create(reference);
/** Images of noise, labelled in turn. */
const dataset = new Dataset(
  {
    format: 1,
    name: 'noise',
    examples: EXAMPLES,
    shape: [28, 28, 1],
    sha256: '0'.repeat(64),
    source: 'a test',
  },
  Uint8Array.from(uniforms([1, 2], 0, EXAMPLES, 784), (value) => 256 * value),
  Uint8Array.from({ length: EXAMPLES }, (_, i) => i % CLASSES),
);
const datasets = { load: async () => dataset } as unknown as WorkerContext['datasets'];
let backend: Backend;
let context: WorkerContext;
let weights: GradientJob['weights'];

beforeAll(async () => {
  backend = await availableBackend();
  const store = await DiskStore.open(await folder());
  const parts = { store, backend, programs, maxInlineBytes: Infinity };
  context = { ...createWorker(parts), datasets };
  weights = {};
  for (const [network, { layout, adam }] of initialState(program, SEED)) {
    const bytes = encodeParameters(layout, adam.parameters);
    await store.create(network, bytes);
    weights[network] = { key: network, crc32: crc32(bytes) };
  }
});

const jobOf = (change: Partial<GradientJob>): GradientJob =>
  gradientJob({ program: reference, weights, seed: SEED, batch: BATCH, step: 6, ...change });

/** The mean gradient of a step's whole batch, from a job a shard. */
async function gradient(phase: number, shards: number): Promise<Float64Array> {
  const layout = networkLayout(networkOf(program, program.phases[phase]?.network ?? ''));
  const values = new Float64Array(layout.size);
  for (let shard = 0; shard < shards; shard++) {
    const { body, payload } = await performJob(context, jobOf({ phase, shard, shards }), 1);
    expect(parseReply(body)).toMatchObject({ kind: 'success', index: shard });
    const part = decodeGradient(layout, payload as Uint8Array, 'the answer');
    for (const [i, value] of part.entries()) values[i] = (values[i] as number) + value / shards;
  }
  return values;
}

describe.each([0, 1])('the gradient of phase %d', (phase) => {
  it('of a batch of 128 is the same for 1, 2 and 4 shards, in each tensor', async () => {
    const whole = await gradient(phase, 1);
    const { tensors } = networkLayout(networkOf(program, program.phases[phase]?.network ?? ''));
    for (const shards of [2, 4]) {
      const cut = await gradient(phase, shards);
      for (const { name, offset, size } of tensors) {
        const part = whole.subarray(offset, offset + size);
        const furthest = largestOf(part.map((value, i) => value - (cut[offset + i] as number)));
        expect(largestOf(part), name).toBeGreaterThan(0);
        expect(furthest / largestOf(part), `${name}, ${shards} shards`).toBeLessThan(1e-5);
      }
    }
  });
});

it.each([
  { batch: 96, shards: 2 },
  { batch: 128, shards: 3 },
  { batch: 100, shards: 1 },
])('a job with shards that cut groups is refused for good: %j', async (cut) => {
  const { body } = await performJob(context, jobOf({ ...cut, shard: 0 }), 1);
  expect(parseReply(body)).toMatchObject({ kind: 'failure', retryable: false });
});

it('a run whose stored config has shards that cut groups fails before its first step', async () => {
  const config = tinyConfig({ program: reference, batch: 96, shards: 2 });
  await createRun(context.store, config, systemClock);
  const played = play({ store: context.store, runId: config.runId, change: { programs } });
  await expect(played).rejects.toThrow('A batch of 96 in 2 shards does not fit the program');
  expect((await readHead(context.store, config.runId)).head.status).toBe('failed');
});

it("labels of fakes are the step's own draw over the classes, those of reals the dataset's", async () => {
  const { tf } = backend;
  const [phase] = program.phases;
  if (!phase) throw new Error('no phase');
  const tensors = tf.memory().numTensors;
  const arrays = await drawArrays(datasets, jobOf({ shard: 1, shards: 2 }), program, phase);
  const inputs = toInputs(tf, program, arrays);
  const labels = (input: 'fakeLabels' | 'realLabels') => {
    const indices = tf.argMax(inputs[input] as Tensor, 1);
    const values = [...indices.dataSync()];
    indices.dispose();
    return values;
  };
  const drawn = (tag: number, population: number) =>
    Array.from({ length: BATCH / 2 }, (_, i) => {
      return drawReference(streamReference(SEED, tag, 6), BATCH / 2 + i, population);
    });
  expect(labels('fakeLabels')).toEqual(drawn(8, CLASSES));
  expect(new Set(labels('fakeLabels')).size).toBe(CLASSES);
  expect(labels('realLabels')).toEqual(drawn(3, EXAMPLES).map((index) => index % CLASSES));
  for (const tensor of Object.values(inputs)) tensor?.dispose();
  expect(tf.memory().numTensors).toBe(tensors);
});

it('a dataset without labels cannot be trained on with classes', async () => {
  const bare = new Dataset(dataset.meta, new Uint8Array(EXAMPLES * 784));
  const unlabelled = {
    ...context,
    datasets: { load: async () => bare } as unknown as WorkerContext['datasets'],
  };
  const { body } = await performJob(unlabelled, jobOf({ phase: 0, shard: 0, shards: 1 }), 1);
  expect(parseReply(body)).toMatchObject({
    kind: 'failure',
    error: { message: 'Dataset noise has no labels' },
  });
});
