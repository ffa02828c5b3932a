import { describe, expect, it } from 'vitest';
import { InvalidDataError } from '../../lib/errors.ts';
import { normals } from '../../lib/numeric/random.ts';
import { networkLayout } from '../../lib/program/network.ts';
import type { Program } from '../../lib/program/program.ts';
import {
  CheckpointError,
  CheckpointReader,
  type CheckpointReference,
  writeCheckpoint,
} from '../../lib/run/record/checkpoint.ts';
import {
  readState,
  stateContents,
  type TrainingState,
} from '../../lib/run/record/training-state.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import type { Store } from '../../lib/store/store.ts';
import { ObjectExistsError } from '../../lib/store/store.ts';
import { decodeTensors } from '../../lib/wire/safetensors.ts';
import { sameBits } from '../support/arrays.ts';
import { testFolders } from '../support/folders.ts';

const newFolder = testFolders();
const RUN = '20260131-235959-0a1b';
const AT = { iteration: 7, epoch: 2 };
const PREFIX = `runs/${RUN}/checkpoints/7-e2/`;
const FILES = ['D', 'G', 'adam-D', 'adam-G'].map((name) => `${PREFIX}${name}.safetensors`);

const tensor = (name: string, shape: number[]) => ({
  name,
  shape,
  initial: { kind: 'normal', deviation: 1 } as const,
});
const program = {
  networks: [
    { name: 'D', tensors: [tensor('w1', [3, 2]), tensor('b1', [2]), tensor('s', [])] },
    { name: 'G', tensors: [tensor('w1', [5])] },
  ],
} as unknown as Program; // a checkpoint asks for nothing else of a program

/** A state in which every number is another one, with bits that are easily lost. */
function anyState(seed: number): TrainingState {
  return new Map(
    program.networks.map((network, i) => {
      const layout = networkLayout(network);
      const block = (part: number) => normals([seed, i], part, 1, layout.size);
      const parameters = block(0);
      parameters[0] = -0;
      const v = block(2).map((value) => value * value * 1e-42); // subnormal
      return [network.name, { layout, adam: { parameters, m: block(1), v, updates: 10 * i + 3 } }];
    }),
  );
}

async function readBack(store: Store, at: CheckpointReference = AT): Promise<TrainingState> {
  return readState(await CheckpointReader.open(store, RUN, at), program);
}

async function written(state = anyState(1)): Promise<DiskStore> {
  const store = await DiskStore.open(await newFolder());
  await writeCheckpoint(store, RUN, AT, stateContents(state));
  return store;
}

it('gives back the training state bit for bit, with the counts of updates', async () => {
  const state = anyState(5);
  const store = await written(state);
  const read = await readBack(store);
  expect([...read.keys()]).toEqual(['D', 'G']);
  for (const [name, { layout, adam }] of state) {
    const back = read.get(name);
    expect(back?.layout).toEqual(layout);
    expect(back?.adam.updates).toBe(adam.updates);
    for (const part of ['parameters', 'm', 'v'] as const) {
      expect(sameBits(back?.adam[part] as Float32Array, adam[part]), `${name}.${part}`).toBe(true);
    }
  }
});

it('is a safetensors file for each network and its moments, under names that others can read', async () => {
  const store = await written();
  expect((await store.list(PREFIX)).map(({ key }) => key).sort()).toEqual(
    [...FILES, `${PREFIX}meta.json`].sort(),
  );
  const { bytes } = await store.get(`${PREFIX}adam-D.safetensors`);
  const { tensors } = decodeTensors(bytes, 'moments');
  expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
    ['D.w1.m', [3, 2]],
    ['D.w1.v', [3, 2]],
    ['D.b1.m', [2]],
    ['D.b1.v', [2]],
    ['D.s.m', []],
    ['D.s.v', []],
  ]);
});

it('is written once: a second one in its place is refused and changes nothing', async () => {
  const state = anyState(1);
  const store = await written(state);
  await expect(writeCheckpoint(store, RUN, AT, stateContents(anyState(2)))).rejects.toThrow(
    ObjectExistsError,
  );
  const back = await readBack(store);
  expect(
    sameBits(
      back.get('D')?.adam.parameters as Float32Array,
      state.get('D')?.adam.parameters as Float32Array,
    ),
  ).toBe(true);
});

it('of one epoch stands beside that of another', async () => {
  const store = await written();
  const prefix = await writeCheckpoint(
    store,
    RUN,
    { iteration: 7, epoch: 3 },
    stateContents(anyState(2)),
  );
  expect(prefix).toBe(`runs/${RUN}/checkpoints/7-e3/`);
  const [old, young] = [await readBack(store), await readBack(store, { iteration: 7, epoch: 3 })];
  expect(old.get('D')?.adam.m).not.toEqual(young.get('D')?.adam.m);
});

describe('a checkpoint is refused, by the name of the object,', () => {
  it.each([...FILES, `${PREFIX}meta.json`])('without %s', async (key) => {
    const store = await written();
    await store.remove([key]);
    const act = readBack(store);
    await expect(act).rejects.toThrow(CheckpointError);
    await expect(act).rejects.toThrow(`there is no ${key}`);
  });

  it.each(FILES)('with one bit turned in the data of %s', async (key) => {
    const store = await written();
    const { bytes } = await store.get(key);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    await store.put(key, bytes);
    const act = readBack(store);
    await expect(act).rejects.toThrow(CheckpointError);
    await expect(act).rejects.toThrow(`${key} is damaged`);
  });

  it.each(FILES)('with %s cut off', async (key) => {
    const store = await written();
    const { bytes } = await store.get(key);
    await store.put(key, bytes.subarray(0, bytes.length - 4));
    await expect(readBack(store)).rejects.toThrow(`${key} is damaged`);
  });

  it('with networks changed for one another', async () => {
    const store = await written();
    const [D, G] = [await store.get(FILES[0] as string), await store.get(FILES[1] as string)];
    await store.put(FILES[0] as string, G.bytes);
    await store.put(FILES[1] as string, D.bytes);
    await expect(readBack(store)).rejects.toThrow(`${FILES[0]} is damaged`);
  });

  it.each(['', '{"format":', '{"format":2}', '[]'])('with a meta.json that is %j', async (text) => {
    const store = await written();
    await store.put(`${PREFIX}meta.json`, Buffer.from(text));
    const act = readBack(store);
    await expect(act).rejects.toThrow(InvalidDataError);
    await expect(act).rejects.toThrow(`${PREFIX}meta.json`);
  });
});
