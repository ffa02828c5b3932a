import assert from 'node:assert/strict';
import { brotliCompressSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { InvalidDataError } from '../lib/errors.ts';
import { layOut } from '../lib/numeric/parameter-block.ts';
import {
  CheckpointReader,
  type CheckpointReference,
  writeCheckpoint,
} from '../lib/run/record/checkpoint.ts';
import { momentsLayout } from '../lib/run/record/moments.ts';
import { initialState, readState, stateContents } from '../lib/run/record/training-state.ts';
import { classifierLayout } from '../lib/run/worker/classifier.ts';
import { readLaneState } from '../lib/run/worker/lane-states.ts';
import { decodeClassifier, encodeClassifier } from '../lib/run/worker/stored-classifier.ts';
import { ObjectNotFoundError, type Store } from '../lib/store/store.ts';
import { crc32 } from '../lib/wire/checksum.ts';
import { compressNumbers } from '../lib/wire/compressed.ts';
import { encodeGradient, gradientSummand } from '../lib/wire/gradient.ts';
import { decodeParameters, encodeParameters } from '../lib/wire/parameters.ts';
import { decodeTensors, encodeTensors } from '../lib/wire/safetensors.ts';
import { anyTensorFile, rawFile } from '../support/tensor-files.ts';
import { tinyPrograms } from '../support/tiny-program.ts';
import { anyBytes, damaged } from './byte-inputs.ts';
import { jsonBytesNear, jsonExtremes, jsonNear, OBJECT_BYTES } from './json-inputs.ts';
import { bytesTarget, type Target } from './target.ts';

const LAYOUT = layOut([
  { name: 'D.w1', shape: [3, 2] },
  { name: 'D.b1', shape: [2] },
]);
const VALUES = Float32Array.of(1, -2, 0.5, 0, 3e-8, 1e20, -0, 7);
const ADDRESS = { seed: 1, step: 2, shard: 3 };
const FILES = [
  encodeParameters(LAYOUT, VALUES),
  encodeGradient(LAYOUT, VALUES, 'f16', ADDRESS),
  encodeGradient(LAYOUT, VALUES, 'f32', ADDRESS),
  encodeGradient(LAYOUT, VALUES, 'int8', ADDRESS),
];
const HEADERS = FILES.map((bytes) => {
  const end = 8 + Number(Buffer.from(bytes).readBigUInt64LE(0));
  return JSON.parse(Buffer.from(bytes.subarray(8, end)).toString()) as object;
});

/** Whole files with damage, and headers of any kind before data that they may not fit. */
const inputs = fc.oneof(
  { weight: 3, arbitrary: damaged(FILES) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(jsonNear(HEADERS), fc.constantFrom(...FILES), fc.nat(40))
      .map(([header, file, tail]) => rawFile(header, file.subarray(file.length - tail))),
  },
  { weight: 2, arbitrary: anyTensorFile.map(encodeTensors) },
  { weight: 1, arbitrary: anyTensorFile.chain((file) => damaged([encodeTensors(file)])) },
  { weight: 1, arbitrary: anyBytes },
);

function headerOf(length: bigint, rest: Uint8Array = new Uint8Array(64)): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  return Buffer.concat([bytes, rest]);
}

const entry = (shape: readonly number[], end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [0, end],
});

const binaryExtremes: Target['extremes'] = {
  'a header of 2^64 - 1 bytes': () => headerOf(2n ** 64n - 1n),
  'a header of 2^63 bytes': () => headerOf(2n ** 63n),
  'a header of 1 MiB that is not there': () => headerOf(2n ** 20n),
  'a header of a GiB, and as much data as fits': () => headerOf(2n ** 30n, Buffer.alloc(2 ** 24)),
  'a header of 1 MiB of spaces': () => headerOf(2n ** 20n, Buffer.alloc(2 ** 20, ' ')),
  'a tensor of 2^53 elements': () => rawFile({ 'D.w1': entry([2 ** 53 - 1], 2 ** 53 - 1) }),
  'a tensor whose size overflows': () =>
    rawFile({ 'D.w1': entry(Array<number>(8).fill(2 ** 53 - 1), 32) }, new Uint8Array(32)),
  '16,000 empty tensors': () =>
    rawFile(Object.fromEntries(Array.from({ length: 16_000 }, (_, i) => [`t${i}`, entry([0], 0)]))),
};

const headerExtremes: Target['extremes'] = Object.fromEntries(
  Object.entries(jsonExtremes((value) => `{"D.w1":${value}}`)).map(([name, make]) => [
    name,
    () => rawFile(make()),
  ]),
);

const safetensors = bytesTarget({
  name: 'safetensors',
  inputs,
  extremes: { ...binaryExtremes, ...headerExtremes },
  refuses: [InvalidDataError],
  feed: (bytes) => {
    const file = decodeTensors(bytes, 'file');
    let size = 0;
    for (const { data, shape, dtype } of file.tensors) {
      const elements = shape.reduce((product, extent) => product * extent, 1);
      assert.equal(data.length, elements * { F32: 4, F16: 2, I8: 1, U8: 1 }[dtype]);
      assert.equal(data.buffer, bytes.buffer, 'data is copied');
      size += data.length;
    }
    assert(size <= bytes.length - 8);
    const { tensors } = decodeTensors(encodeTensors(file), 'file');
    const named = (all: typeof tensors) => all.map(({ name }) => name).sort();
    assert.deepEqual(named(tensors), named(file.tensors));
  },
});

const parameters = bytesTarget({
  name: 'parameters',
  inputs,
  extremes: binaryExtremes,
  refuses: [InvalidDataError],
  feed: (bytes) => {
    assert.equal(decodeParameters(LAYOUT, bytes, 'file').length, LAYOUT.size);
  },
});

const GUARD = 3;
const COMPRESSED = [
  compressNumbers(encodeGradient(LAYOUT, VALUES, 'f16', ADDRESS), 2),
  compressNumbers(encodeGradient(LAYOUT, VALUES, 'int8', ADDRESS), 1),
];
const QUALITY = constants.BROTLI_PARAM_QUALITY;
const ZEROS = 2 ** 26;
const zeros = () => brotliCompressSync(Buffer.alloc(ZEROS), { params: { [QUALITY]: 1 } });
/** A compressed file that says this length. */
const claiming = (length: number, rest: Uint8Array) => {
  const header = Buffer.from((COMPRESSED[1] as Uint8Array).subarray(0, 12));
  header.writeUInt32LE(length, 8);
  return Buffer.concat([header, rest]);
};
const gradient = bytesTarget({
  name: 'gradient',
  inputs: fc.oneof(
    { weight: 2, arbitrary: inputs },
    { weight: 1, arbitrary: damaged(COMPRESSED) },
    {
      weight: 1,
      arbitrary: inputs.map((file) => (file.length > 0 ? compressNumbers(file, 1) : file)),
    },
  ),
  extremes: {
    ...binaryExtremes,
    'many zeros, compressed, as many as is said': () => claiming(ZEROS, zeros()),
    'many zeros, compressed, of which few are said': () => claiming(500, zeros()),
    'a file of 4 GiB that is not there': () => claiming(2 ** 32 - 1, new Uint8Array()),
  },
  refuses: [InvalidDataError],
  feed: (bytes) => {
    const sum = new Float64Array(LAYOUT.size + GUARD);
    const finite = gradientSummand(LAYOUT, bytes, 'file')(sum, 64);
    assert.equal(finite, sum.every(Number.isFinite), 'what is not finite goes unseen');
    assert.deepEqual(sum.subarray(LAYOUT.size), new Float64Array(GUARD), 'it writes outside');
  },
});

const RUN = '20260131-235959-0a1b';
const PLACE: CheckpointReference = { iteration: 5, epoch: 2 };
const program = tinyPrograms().create({ name: 'tiny', settings: {} });
const objects = new Map<string, Uint8Array>();
await writeCheckpoint(storeOf(), RUN, PLACE, stateContents(initialState(program, 0)));
const metaKey = [...objects.keys()].find((key) => key.endsWith('meta.json')) as string;
const STATE = { key: `runs/${RUN}/lanes/0/0-e1.safetensors`, crc32: '0123abcd' };
const META = JSON.parse(Buffer.from(objects.get(metaKey) as Uint8Array).toString()) as object;

const MOMENTS = momentsLayout(LAYOUT);

const checkpoint = bytesTarget({
  name: 'checkpoint',
  inputs: jsonBytesNear([META, { ...META, lanes: [STATE, STATE] }]),
  extremes: Object.fromEntries(
    Object.entries(jsonExtremes((value) => `{"format":1,"updates":${value}}`, OBJECT_BYTES)).map(
      ([name, make]) => [name, () => Buffer.from(make())],
    ),
  ),
  refuses: [InvalidDataError],
  feed: async (bytes) => {
    const reader = await CheckpointReader.open(storeOf(bytes), RUN, PLACE);
    assert(reader.lanes.every(({ key, crc32 }) => key !== '' && /^[0-9a-f]{8}$/.test(crc32)));
    const state = await readState(reader, program);
    assert.deepEqual([...state.keys()], ['N']);
    const { adam, layout } = state.get('N') as NonNullable<ReturnType<typeof state.get>>;
    assert(Number.isSafeInteger(adam.updates) && adam.updates >= 0);
    for (const block of [adam.parameters, adam.m, adam.v]) assert.equal(block.length, layout.size);
  },
});

/** A lane's state as a worker takes it: what it says of itself, it has to be. */
const laneState = bytesTarget({
  name: 'lane-state',
  inputs: fc.oneof(
    { weight: 3, arbitrary: damaged([encodeParameters(MOMENTS, new Float32Array(MOMENTS.size))]) },
    { weight: 1, arbitrary: inputs },
  ),
  extremes: binaryExtremes,
  refuses: [InvalidDataError],
  feed: async (bytes) => {
    const store = { get: async () => ({ bytes, etag: '', ageMs: 0 }) };
    const reference = { ...STATE, crc32: crc32(bytes) }; // damage that no checksum shows
    const values = await readLaneState(store, reference, MOMENTS);
    assert.equal(values.length, MOMENTS.size);
  },
});

const CLASSIFIER = classifierLayout([4, 4, 1], 2);
const CLASSIFIERS = [0, 0.875].map((accuracy) => {
  const block = new Float32Array(CLASSIFIER.size).fill(accuracy);
  return encodeClassifier(CLASSIFIER, { block, accuracy });
});

/** A dataset's classifier as a worker takes it from the store. */
const classifier = bytesTarget({
  name: 'classifier',
  inputs: fc.oneof(
    { weight: 6, arbitrary: damaged(CLASSIFIERS) },
    { weight: 1, arbitrary: fc.constantFrom(...CLASSIFIERS) },
    { weight: 1, arbitrary: inputs },
  ),
  extremes: { ...binaryExtremes, ...headerExtremes },
  refuses: [InvalidDataError],
  feed: (bytes) => {
    const { block, accuracy } = decodeClassifier(CLASSIFIER, bytes, 'file');
    assert.equal(block.length, CLASSIFIER.size);
    assert(accuracy >= 0 && accuracy <= 1);
    const again = encodeClassifier(CLASSIFIER, { block, accuracy });
    assert.deepEqual(decodeClassifier(CLASSIFIER, again, 'again').block, block);
  },
});

/** A store in memory; one description of a checkpoint can stand in for what is there. */
function storeOf(meta?: Uint8Array): Store {
  const no = () => Promise.reject(new Error('not part of this'));
  return {
    get: async (key) => {
      const bytes = key.endsWith('meta.json') && meta ? meta : objects.get(key);
      if (!bytes) throw new ObjectNotFoundError(key);
      return { bytes, etag: '', ageMs: 0 };
    },
    create: async (key, bytes) => {
      objects.set(key, bytes);
      return '';
    },
    ...{ replace: no, put: no, list: no, remove: no },
  };
}

/** Weights, gradients and checkpoints. */
export const tensorTargets: readonly Target[] = [
  safetensors,
  parameters,
  gradient,
  checkpoint,
  laneState,
  classifier,
];
