import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../lib/wire/checksum.ts';
import { finalWeights, readRun, runId } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';
import { runToEnd } from './command-line.ts';
import { runHere } from './here.ts';

const folder = testFolders();
const [SOURCE, FROM_RUN, FROM_FILE, UNUSED] = [0, 1, 2, 3].map(runId) as [
  ...[string, string, string, string],
];
const SMALL = ['--preset', 'dcgan', '--features', '4', '--batch', '64', '--iterations', '1'];
let store: string;
let out: string;

const train = (id: string, ...options: string[]) => ['train', ...options, '--run-id', id];

beforeAll(async () => {
  [store, out] = [await folder(), await folder()];
  await succeed(train(SOURCE, ...SMALL, '--seed', '5'));
  await copyFile(file(SOURCE, 'generator.safetensors'), join(out, 'trained.safetensors'));
});

async function succeed(args: readonly string[]): Promise<string> {
  const { code, stderr } = await runToEnd([...args, '--store', store]);
  expect(code, stderr).toBe(0);
  return stderr;
}

const file = (id: string, name: string) => join(store, 'runs', id, name);

/** The weights that a run began with, by network: its own objects, as its config names them. */
async function begunWith(id: string): Promise<Record<string, Buffer>> {
  const { initial } = (await readRun(store, id)).config as {
    initial: { networks: Record<string, string> };
  };
  const read = Object.entries(initial.networks).map(async ([network, hash]) => {
    const bytes = await readFile(file(id, `initial/${network}-${hash}.safetensors`));
    expect(sha256(bytes)).toBe(hash);
    return [network, bytes] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

describe('a run begins with the weights', () => {
  test('of the last checkpoint of another run, which it has as objects of its own', async () => {
    const told = await succeed(train(FROM_RUN, ...SMALL, '--seed', '6', '--init-from', SOURCE));
    expect(told).toContain(`beginning with D and G of run ${SOURCE}, iteration 1`);
    const weights = await finalWeights(store, SOURCE);
    expect(await begunWith(FROM_RUN)).toEqual(weights);
    expect(await finalWeights(store, FROM_RUN)).not.toEqual(weights);
  });

  test('of a generator file, for G alone', async () => {
    const path = join(out, 'trained.safetensors');
    const told = await succeed(train(FROM_FILE, ...SMALL, '--init-from', path));
    expect(told).toContain(
      'Only G is taken from trained.safetensors, which has no other network: D begins from the seed',
    );
    const { G, ...others } = await begunWith(FROM_FILE);
    expect(others).toEqual({});
    const tensors = (bytes: Buffer) => bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
    expect((await readFile(path)).includes(tensors(G as Buffer))).toBe(true);
  });
});

describe('refused, with nothing written, is', () => {
  const unlike = ['--preset', 'dcgan', '--features', '8', '--batch', '64', '--iterations', '1'];
  const shapes = /tensor G\.\w+ has the shape \[[\d,]+\], not \[[\d,]+\]/;
  test.each([
    ['a run of other shapes', unlike, () => SOURCE, /network D of run .*tensor D\.\w+ has the/],
    ['a file of other shapes', unlike, () => join(out, 'trained.safetensors'), shapes],
    ['a program without the network', ['--preset', 'digits'], () => SOURCE, /tensor D\.\w+/],
    ['no such run', SMALL, () => runId(9), /There is no run/],
    ['a file that is not there', SMALL, () => join(out, 'none.safetensors'), /cannot be read/],
    [
      'a file of something else',
      SMALL,
      () => join(out, 'odd.safetensors'),
      /not a valid safetensors file/,
    ],
  ])('%s', async (_what, options, source, message) => {
    await writeFile(join(out, 'odd.safetensors'), 'PNG');
    const before = await readdir(join(store, 'runs'));
    const args = train(UNUSED, ...options, '--init-from', source(), '--store', store);
    const { code, stderr } = await runHere(args);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
    expect(await readdir(join(store, 'runs'))).toEqual(before);
  });

  test('the same network from two files, and a run beside a file', async () => {
    const path = join(out, 'trained.safetensors');
    for (const [sources, message] of [
      [[path, path], 'has weights of network G, as a file before it has'],
      [[path, SOURCE], '--init-from takes one run, or files that end in .safetensors'],
    ] as const) {
      const args = train(UNUSED, ...SMALL, '--init-from', ...sources, '--store', store);
      const { code, stderr } = await runHere(args);
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  test("another run's id, before the files are stored among its objects", async () => {
    const path = join(out, 'trained.safetensors');
    const before = (await readRun(store, SOURCE)).files;
    const args = train(SOURCE, ...SMALL, '--init-from', path, '--store', store);
    const { code, stderr } = await runHere(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`There is a run ${SOURCE}`)]);
    expect((await readRun(store, SOURCE)).files).toEqual(before);
  });
});
