import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { Dataset } from '../../lib/data/dataset.ts';
import { uniforms } from '../../lib/numeric/random.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { dcganDefaults } from '../../lib/program/dcgan-settings.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import { initialState } from '../../lib/run/record/training-state.ts';
import { createWorker, type WorkerContext } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { type GradientJob, parseReply } from '../../lib/wire/messages.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { gradientJob } from '../../support/messages.ts';
import { largestOf, sameBits } from '../support/arrays.ts';
import { availableBackend } from '../support/backend.ts';
import { decodeGradient } from '../support/decode-gradient.ts';
import { testFolders } from '../support/folders.ts';
import { colorProgram } from './color-program.ts';

const BATCH = 64;
const SEED = 5;
const CLASSES = 3;
const AUGMENT: GradientJob['augment'] = ['color', 'translation', 'cutout'];

const folder = testFolders();
const programs = builtInPrograms().register(colorProgram);
let backend: Backend;
let store: DiskStore;

beforeAll(async () => {
  backend = await availableBackend();
  store = await DiskStore.open(await folder());
});

const colour = { ...dcganDefaults, size: 32, channels: 3, features: 2, conditional: true };
describe.each([
  { name: 'mlp-gan', settings: { outputScale: 1 }, shape: [28, 28, 1] as const },
  { name: 'dcgan', settings: { ...colour, classes: CLASSES }, shape: [32, 32, 3] as const },
])('augmented jobs of $name', ({ shape, ...reference }) => {
  const program = programs.create(reference);
  let context: WorkerContext;
  let weights: GradientJob['weights'];

  beforeAll(async () => {
    const examples = 20;
    const meta = {
      format: 1,
      name: 'noise',
      examples,
      sha256: '0'.repeat(64),
      source: '',
    } as const;
    const values = shape[0] * shape[1] * shape[2];
    const images = Uint8Array.from(uniforms([1, 2], 0, examples, values), (value) => 256 * value);
    const labels = Uint8Array.from({ length: examples }, (_, i) => i % CLASSES);
    const dataset = new Dataset({ ...meta, shape, mirror: true }, images, labels);
    const datasets = { load: async () => dataset } as unknown as WorkerContext['datasets'];
    const parts = { store, backend, programs, maxInlineBytes: Number.POSITIVE_INFINITY };
    context = { ...createWorker(parts), datasets };
    weights = {};
    for (const [network, { layout, adam }] of initialState(program, SEED)) {
      const key = `${reference.name}-${network}`;
      const bytes = encodeParameters(layout, adam.parameters);
      await store.create(key, bytes);
      weights[network] = { key, crc32: crc32(bytes) };
    }
  });

  const layoutOf = (phase: number) =>
    networkLayout(networkOf(program, program.phases[phase]?.network ?? ''));

  async function gradient(phase: number, change: Partial<GradientJob> = {}): Promise<Float32Array> {
    const job = gradientJob({
      ...{ program: reference, weights, seed: SEED, batch: BATCH, phase, shards: 1, shard: 0 },
      ...change,
    });
    const tensors = backend.tf.memory().numTensors;
    const { body, payload } = await performJob(context, job, 1);
    expect(parseReply(body)).toMatchObject({ kind: 'success' });
    if (job.step > 0) expect(backend.tf.memory().numTensors).toBe(tensors);
    return decodeGradient(layoutOf(phase), payload as Uint8Array, 'the answer').slice();
  }

  /** The largest difference in a tensor, in parts of the largest value and of what is allowed. */
  function furthest(
    phase: number,
    [a, b]: readonly [Float32Array, Float32Array],
    allowed: (tensor: string) => number = () => 1,
  ): number {
    const parts = layoutOf(phase).tensors.map(({ name, offset, size }) => {
      const part = (of: Float32Array) => of.subarray(offset, offset + size);
      const far = largestOf(part(a).map((value, i) => value - (part(b)[i] as number)));
      return far / largestOf(part(a)) / allowed(name);
    });
    return Math.max(...parts);
  }

  it.each([0, 1])(
    'are another gradient in phase %d, for the same cut as for one shard',
    async (phase) => {
      await gradient(phase, { step: 0 }); // loads the weights
      const plain = await gradient(phase, { step: 6 });
      const whole = await gradient(phase, { step: 6, augment: AUGMENT });
      expect(largestOf(whole)).toBeGreaterThan(0);
      expect(furthest(phase, [plain, whole])).toBeGreaterThan(0.05);
      const halves = [
        await gradient(phase, { step: 6, augment: AUGMENT, shards: 2, shard: 0 }),
        await gradient(phase, { step: 6, augment: AUGMENT, shards: 2, shard: 1 }),
      ] as const;
      const mean = halves[0].map((value, i) => (value + (halves[1][i] as number)) / 2);
      // In colour, TensorFlow sums the slopes of the last bias pixel by pixel, in float32.
      const isLongSum = (tensor: string) => tensor === 'G.b2' && shape[2] === 3;
      const allowed = (tensor: string) => (isLongSum(tensor) ? 1e-4 : 1e-5);
      expect(furthest(phase, [whole, mean], allowed)).toBeLessThan(1);
      expect(sameBits(whole, await gradient(phase, { step: 6, augment: AUGMENT }))).toBe(true);
      expect(sameBits(plain, await gradient(phase, { step: 6 }))).toBe(true);
    },
  );

  it.each([0, 1])(
    'are compiled to what they are eagerly in phase %d, job after job',
    async (phase) => {
      if (backend.name !== 'native') return expect(backend.name).toBe('wasm'); // has no graphs
      for (const step of [1, 2, 3, 4]) {
        const compiled = await gradient(phase, { step, augment: AUGMENT, gradients: 'compiled' });
        const eager = await gradient(phase, { step, augment: AUGMENT });
        expect(largestOf(eager)).toBeGreaterThan(0);
        expect(furthest(phase, [eager, compiled])).toBeLessThan(1e-4);
      }
      context.gradients.close();
    },
  );

  it('are drawn ahead as they are when they are asked for', async () => {
    const asked = await gradient(1, { step: 8, augment: AUGMENT });
    await gradient(0, { step: 6, augment: AUGMENT });
    await context.inputs.prepare();
    const ahead = await gradient(1, { step: 7, augment: AUGMENT });
    await context.inputs.prepare(); // of step 8, but then without its augmentation
    const without = await gradient(1, { step: 8 });
    expect(sameBits(ahead, await gradient(1, { step: 7, augment: AUGMENT }))).toBe(true);
    expect(sameBits(without, asked)).toBe(false);
    expect(sameBits(without, await gradient(1, { step: 8 }))).toBe(true);
  });
});

it('a program that does not augment images refuses such a job for good', async () => {
  const context = createWorker({ store, backend, programs, maxInlineBytes: 0 });
  const program = { name: 'color', settings: {} };
  const weights = {};
  const job = gradientJob({ program, weights, phase: 0, step: 0, augment: ['cutout'] });
  expect(parseReply((await performJob(context, job, 1)).body)).toMatchObject({
    kind: 'failure',
    retryable: false,
    error: { message: 'The job augments images, and its program does not' },
  });
});
