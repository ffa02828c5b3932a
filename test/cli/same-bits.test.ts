import { beforeAll, describe, expect, test } from 'vitest';
import { numberedLabels } from '../../lib/data/labels.ts';
import { packDataset } from '../../lib/data/pack.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { finalWeights, readRun, runId, sameWeights } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';

const LANES = ['--local-iterations', '2'];
const SMALL = ['--wire', 'int8', '--weights-wire', 'f16'];

const folder = testFolders();
let store: string;

beforeAll(async () => {
  store = await folder();
  await train(0);
});

/** Train a run of this number, by default as run 0 is. */
async function train(number: number, ...options: string[]): Promise<string> {
  const settings = ['--iterations', '5', '--batch', '16', '--shards', '4', '--store', store];
  const others = ['--workers', '2', '--seed', '3', '--run-id', runId(number), ...options];
  const { code, stderr } = await runToEnd(['train', ...settings, ...others]);
  if (code !== 0) throw new Error(stderr);
  return runId(number);
}

test.each([
  ['again', 1, []],
  ['with one worker and many checkpoints', 2, ['--workers', '1', '--checkpoint-every', '1']],
  ['with three workers and many samples', 3, ['--workers', '3', '--sample-every', '1']],
])('trained %s, a run comes to the same bytes', async (_how, number, options) => {
  const id = await train(number, ...options);
  expect(sameWeights(await finalWeights(store, id), await finalWeights(store, runId(0)))).toBe(
    true,
  );
});

test('dcgan comes to the same bytes with one and with two workers', async () => {
  const options = ['--preset', 'dcgan', '--features', '8', '--iterations', '6', '--batch', '64'];
  const one = await train(9, ...options, '--shards', '2', '--workers', '1');
  const two = await train(10, ...options, '--shards', '2', '--workers', '2');
  const [first, second] = [await finalWeights(store, one), await finalWeights(store, two)];
  expect(first.G.length).toBeGreaterThan(0);
  expect(sameWeights(first, second)).toBe(true);
});

test('images with labels, mirrored at random, come to the same bytes with one and with two workers', async () => {
  const examples = 40;
  const images = Uint8Array.from({ length: examples * 28 * 28 }, (_, i) => (i * 7) % 256);
  const labels = numberedLabels(Uint8Array.from({ length: examples }, (_, i) => i % 3));
  const parts = { images, examples, shape: [28, 28, 1] as const, source: 'a test', labels };
  const disk = await DiskStore.open(store);
  await packDataset(disk, { ...parts, name: 'mirrored', mirror: true });
  await packDataset(disk, { ...parts, name: 'plain' });
  const options = ['--preset', 'dcgan', '--conditional', '--features', '4', '--iterations', '3'];
  const all = [...options, '--batch', '64', '--shards', '2', '--dataset'];
  const one = await train(11, ...all, 'mirrored', '--workers', '1');
  const two = await train(12, ...all, 'mirrored', '--workers', '2');
  const plain = await train(13, ...all, 'plain');
  const first = await finalWeights(store, one);
  expect(sameWeights(first, await finalWeights(store, two))).toBe(true);
  expect(sameWeights(first, await finalWeights(store, plain))).toBe(false);
});

test('eager gradients come to the same bytes as the default, which is compiled where it can be', async () => {
  const id = await train(7, '--gradients', 'eager');
  expect(sameWeights(await finalWeights(store, id), await finalWeights(store, runId(0)))).toBe(
    true,
  );
  const [eager, byDefault] = [await readRun(store, id), await readRun(store, runId(0))];
  expect(eager.config.gradients).toBe('eager');
  const expected = byDefault.config.backend === 'native' ? 'compiled' : 'eager';
  expect(byDefault.config.gradients).toBe(expected);
});

describe('with local iterations', () => {
  const local = [...LANES, '--checkpoint-every', '2'];

  test('a run comes to the same bytes with one worker and with three, and tells of each iteration', async () => {
    const one = await train(21, ...local, '--workers', '1');
    const three = await train(22, ...local, '--workers', '3', '--sample-every', '1');
    const [a, b] = [await finalWeights(store, one), await finalWeights(store, three)];
    expect(sameWeights(a, b)).toBe(true);
    expect(sameWeights(a, await finalWeights(store, runId(0)))).toBe(false);
    const { config, files } = await readRun(store, one);
    expect(config.localIterations).toBe(2);
    // The three checkpoints that are kept, and the states that they name: 4 lanes each.
    const rounds = files.flatMap((name) => /^lanes\/(\d+)\//.exec(name)?.[1] ?? []);
    expect(rounds).toEqual(['0', '1', '2'].flatMap((round) => Array(4).fill(round)));
  });

  test('with one lane it comes near to averaging every step', async () => {
    const common = ['--shards', '1', '--iterations', '10'];
    const lane = await train(23, ...common, '--local-iterations', '5');
    const steps = await train(24, ...common);
    const [a, b] = [await finalWeights(store, lane), await finalWeights(store, steps)];
    for (const network of ['D', 'G'] as const) {
      const [x, y] = [floatsOf(a[network]), floatsOf(b[network])];
      expect(x.length).toBe(y.length);
      const furthest = x.reduce((far, v, i) => Math.max(far, Math.abs(v - (y[i] as number))), 0);
      expect(furthest).toBeLessThan(1e-5);
    }
  });
});

describe.each([
  ['gradients of 8 bits, and weights of half floats', 50, SMALL],
  ['these, and local iterations', 60, [...SMALL, ...LANES]],
])('with %s', (_what, number, options) => {
  test('a run comes to the same bytes with one worker and with three, and to others than without', async () => {
    const one = await train(number, ...options, '--workers', '1', '--checkpoint-every', '2');
    const many = [...options, '--workers', '3', '--sample-every', '1'];
    const three = await train(number + 1, ...many);
    const first = await finalWeights(store, one);
    expect(sameWeights(first, await finalWeights(store, three))).toBe(true);
    expect(sameWeights(first, await finalWeights(store, runId(0)))).toBe(false);
  });
});

test('a quorum that all shards are in time for changes nothing, with gradients of 8 bits too', async () => {
  const id = await train(70, ...SMALL, '--quorum', '2', '--quorum-after-ms', '3600000');
  const without = await finalWeights(store, runId(50));
  expect(sameWeights(await finalWeights(store, id), without)).toBe(true);
});

test('another seed leads elsewhere', async () => {
  const id = await train(4, '--seed', '4');
  const [other, first] = [await finalWeights(store, id), await finalWeights(store, runId(0))];
  expect(other.D.equals(first.D)).toBe(false);
  expect(other.G.equals(first.G)).toBe(false);
});

test('the wasm backend comes to the same bytes too, and takes gradients as half floats', async () => {
  const options = ['--backend', 'wasm', '--wire', 'f16', '--iterations', '1'];
  const one = await train(5, ...options, '--workers', '1');
  const two = await train(6, ...options);
  expect(sameWeights(await finalWeights(store, one), await finalWeights(store, two))).toBe(true);
  expect((await readRun(store, one)).config).toMatchObject({
    backend: 'wasm',
    wire: 'f16',
    gradients: 'eager',
  });
});

/** The values of a safetensors file. */
function floatsOf(file: Buffer): Float32Array {
  const start = 8 + Number(file.readBigUInt64LE(0));
  return new Float32Array(Uint8Array.from(file.subarray(start)).buffer);
}
