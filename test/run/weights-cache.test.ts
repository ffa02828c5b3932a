import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { InvalidDataError } from '../../lib/errors.ts';
import { networkLayout } from '../../lib/program/network.ts';
import type { NetworkSpec } from '../../lib/program/program.ts';
import type { PublishedWeights } from '../../lib/run/coordinator/publisher.ts';
import { WeightsCache } from '../../lib/run/worker/weights-cache.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { storeWith } from '../../support/fixtures.ts';
import { availableBackend } from '../support/backend.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const TENSORS = 2;
const network: NetworkSpec = {
  name: 'D',
  tensors: [
    { name: 'w1', shape: [2, 3], initial: { kind: 'normal', deviation: 1 } },
    { name: 'b1', shape: [3], initial: { kind: 'zeros' } },
  ],
};
const layout = networkLayout(network);

let backend: Backend;
let store: Store;
let reads: string[];
let cache: WeightsCache;
let tensorsBefore: number;

beforeAll(async () => {
  backend = await availableBackend();
});
beforeEach(async () => {
  const disk = await DiskStore.open(await newFolder());
  reads = [];
  store = storeWith(disk, {
    get: (key) => {
      reads.push(key);
      return disk.get(key);
    },
  });
  cache = new WeightsCache(store, backend);
  tensorsBefore = backend.tf.memory().numTensors;
});

/** Weights that are all the same number. */
async function publish(key: string, value: number): Promise<PublishedWeights> {
  const bytes = encodeParameters(layout, new Float32Array(layout.size).fill(value));
  await store.put(key, bytes);
  return { key, crc32: crc32(bytes) };
}

const held = () => backend.tf.memory().numTensors - tensorsBefore;

it("gives a network's tensors by their short names, in order, with their shapes and values", async () => {
  const parameters = await cache.load('run', network, await publish('v1', 3));
  expect(Object.entries(parameters).map(([name, { shape }]) => [name, shape])).toEqual([
    ['w1', [2, 3]],
    ['b1', [3]],
  ]);
  expect([...(parameters.w1?.dataSync() ?? [])]).toEqual([3, 3, 3, 3, 3, 3]);
});

it('reads what it holds only once', async () => {
  const weights = await publish('v1', 3);
  const [once, again] = [
    await cache.load('run', network, weights),
    await cache.load('run', network, weights),
  ];
  expect(again).toBe(once);
  expect(reads).toEqual(['v1']);
});

it("puts a new version in the old one's place: 20 versions leave one behind", async () => {
  for (let version = 1; version <= 20; version++) {
    const parameters = await cache.load('run', network, await publish(`v${version}`, version));
    expect(parameters.b1?.dataSync()[0]).toBe(version);
    expect(held()).toBe(TENSORS);
  }
});

it('holds six networks, and lets go of the one that was not used for the longest time', async () => {
  const weights = await publish('v1', 1);
  for (const run of ['a', 'b', 'c', 'd', 'e', 'f', 'a', 'g'])
    await cache.load(run, network, weights);
  expect(held()).toBe(6 * TENSORS);
  reads = [];
  for (const run of ['a', 'c', 'd', 'e', 'f', 'g']) await cache.load(run, network, weights);
  expect(reads).toEqual([]);
  await cache.load('b', network, weights);
  expect(reads).toEqual(['v1']);
  expect(held()).toBe(6 * TENSORS);
});

it('refuses weights that are damaged, by name, and goes on with what it held', async () => {
  const good = await publish('v1', 1);
  await cache.load('run', network, good);
  const bad = { ...(await publish('v2', 2)), crc32: '00000000' };
  const act = cache.load('run', network, bad);
  await expect(act).rejects.toThrow(InvalidDataError);
  await expect(act).rejects.toThrow('v2 is damaged');
  const parameters = await cache.load('run', network, good);
  expect(parameters.b1?.dataSync()[0]).toBe(1);
  expect(held()).toBe(TENSORS);
});
