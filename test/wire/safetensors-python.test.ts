import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { fromHalf } from '../../lib/numeric/half.ts';
import { tensorView } from '../../lib/numeric/parameter-block.ts';
import { mlpGan } from '../../lib/program/mlp-gan.ts';
import { initialParameters, networkLayout, networkOf } from '../../lib/program/network.ts';
import { sha256 } from '../../lib/wire/checksum.ts';
import { bytesOf, floatsOf, halvesOf } from '../../lib/wire/floats.ts';
import { encodeGradient } from '../../lib/wire/gradient.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { decodeTensors, encodeTensors } from '../../lib/wire/safetensors.ts';
import { decodeGradient } from '../support/decode-gradient.ts';
import { pythonMissing, pythonWithSafetensors, runScript } from './python.ts';

/** What `read_safetensors.py` prints. */
interface PythonFile {
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly tensors: Readonly<
    Record<
      string,
      { dtype: string; shape: number[]; sha256: string; values: readonly number[] | null }
    >
  >;
}

let missing: string | undefined;
let python: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambduel-python-'));
  missing = await pythonMissing();
  if (missing === undefined) python = await pythonWithSafetensors();
}, 600_000); // the first time in a clone it installs the packages

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach((context) => {
  if (missing !== undefined) context.skip(missing);
});

async function readWithPython(bytes: Uint8Array): Promise<PythonFile> {
  const path = join(folder, 'ours.safetensors');
  await writeFile(path, bytes);
  return JSON.parse(await runScript(python, './read_safetensors.py', path)) as PythonFile;
}

it("is read by Python's safetensors value by value: each type, scalars, empty tensors, metadata", async () => {
  // Prepare
  const single = Float32Array.of(1 / 3, -0, 1e-45, 3.4e38, -7, 2 ** -126);
  const half = Uint16Array.of(0x3c00, 0x0001, 0xfbff);
  const tensors = [
    { name: 'D.w1', dtype: 'F32', shape: [2, 3], data: bytesOf(single) },
    { name: 'half', dtype: 'F16', shape: [3], data: bytesOf(half) },
    { name: 'ü"\\', dtype: 'U8', shape: [2, 1], data: Uint8Array.of(0, 255) },
    { name: 'scalar', dtype: 'U8', shape: [], data: Uint8Array.of(9) },
    { name: 'empty', dtype: 'F32', shape: [0, 4], data: new Uint8Array() },
  ] as const;
  // Act
  const read = await readWithPython(encodeTensors({ tensors, metadata: { note: 'grüße' } }));
  // Assess
  expect(read.metadata).toEqual({ note: 'grüße' });
  const seen = Object.entries(read.tensors).map(([name, { dtype, shape, values }]) => [
    name,
    { dtype, shape, values },
  ]);
  expect(Object.fromEntries(seen)).toEqual({
    'D.w1': { dtype: 'float32', shape: [2, 3], values: [...single] },
    half: { dtype: 'float16', shape: [3], values: [...fromHalf(half, 0)] },
    'ü"\\': { dtype: 'uint8', shape: [2, 1], values: [0, 255] },
    scalar: { dtype: 'uint8', shape: [], values: [9] },
    empty: { dtype: 'float32', shape: [0, 4], values: [] },
  });
});

it.each(['D', 'G'])('holds every weight of network %s for Python, bit for bit', async (network) => {
  const program = mlpGan.create({ outputScale: 1 });
  const layout = networkLayout(networkOf(program, network));
  const block = initialParameters(program, network, 7);
  const read = await readWithPython(encodeParameters(layout, block));
  const expected = layout.tensors.map((place) => [
    place.name,
    { dtype: 'float32', shape: place.shape, sha256: sha256(bytesOf(tensorView(block, place))) },
  ]);
  const seen = Object.entries(read.tensors).map(([name, tensor]) => [
    name,
    { dtype: tensor.dtype, shape: tensor.shape, sha256: tensor.sha256 },
  ]);
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(expected));
});

it('is a half gradient that Python can scale back with the metadata alone', async () => {
  const layout = networkLayout({
    name: 'D',
    tensors: [{ name: 'w1', shape: [2, 2], initial: { kind: 'zeros' } }],
  });
  const address = { seed: 0, step: 0, shard: 0 };
  const values = Float32Array.of(1e-12, -3e-12, 0, 2e-9);
  const bytes = encodeGradient(layout, values, 'f16', address);
  const read = await readWithPython(bytes);
  const exponent = Number(read.metadata?.['D.w1.scaleExponent']);
  const scaled = read.tensors['D.w1']?.values?.map((value) => value * 2 ** -exponent);
  expect(scaled).toEqual([...decodeGradient(layout, bytes, 'test')]);
});

it("reads what Python's safetensors wrote, value by value", async () => {
  const path = join(folder, 'theirs.safetensors');
  await runScript(python, './write_safetensors.py', path);
  const { tensors, metadata } = decodeTensors(await readFile(path), path);
  const values = {
    F32: floatsOf,
    F16: (data: Uint8Array) => fromHalf(halvesOf(data), 0),
    I8: (data: Uint8Array) => Int8Array.from(data),
    U8: Array.from<number>,
  };
  const seen = tensors.map(({ name, dtype, shape, data }) => [
    name,
    { shape, values: [...values[dtype](data)] },
  ]);
  expect(metadata).toEqual({ note: 'grüße' });
  expect(Object.fromEntries(seen)).toEqual({
    single: { shape: [2, 3], values: [0, 1, 2, 3, 4, 5].map((i) => Math.fround(i / 3)) },
    half: { shape: [2], values: [1.5, -2] },
    bytes: { shape: [2], values: [7, 255] },
    scalar: { shape: [], values: [0.25] },
    empty: { shape: [0, 5], values: [] },
  });
});
