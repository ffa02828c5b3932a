import { beforeAll, expect, test, vi } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { chooseBackend } from '../../lib/backend/choose.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { datasetKeys } from '../../lib/data/dataset-meta.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { initialState } from '../../lib/run/record/training-state.ts';
import { CLASSIFIER_VERSION, classifierLayout } from '../../lib/run/worker/classifier.ts';
import { createWorker } from '../../lib/run/worker/context.ts';
import { encodeClassifier } from '../../lib/run/worker/stored-classifier.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { ObjectNotFoundError, type Store } from '../../lib/store/store.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { parseReply, type ScoreJob } from '../../lib/wire/messages.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { packFewDigits } from '../../support/few-digits.ts';
import { storeWith } from '../../support/fixtures.ts';
import { scoreJob } from '../../support/messages.ts';
import { testFolders } from '../support/folders.ts';

/** A classifier is trained in some seconds, and in minutes on a machine that is busy. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = testFolders();
const programs = builtInPrograms();
const program = { name: 'mlp-gan', settings: { outputScale: 1 } };

let backend: Backend;
let store: DiskStore;
let job: ScoreJob;
let classifierKey: string;

beforeAll(async () => {
  backend = await loadBackend(chooseBackend('auto'), 1);
  store = await DiskStore.open(await folder());
  const { name, sha256, examples } = await packFewDigits(store);
  classifierKey = datasetKeys.classifier(name, sha256, CLASSIFIER_VERSION);
  const { layout, adam } = initialState(programs.create(program), 1).get('G') ?? {};
  if (!layout || !adam) throw new Error('The program has no network G');
  const bytes = encodeParameters(layout, adam.parameters);
  await store.create('weights', bytes);
  const weights = { G: { key: 'weights', crc32: crc32(bytes) } };
  job = scoreJob({ program, weights, examples: 30, dataset: { name, sha256, examples } });
});

/** Have a cold worker score the generator. */
async function score(from: Store = store) {
  const worker = createWorker({ store: from, backend, programs, maxInlineBytes: Infinity });
  return parseReply((await performJob(worker, job, 1)).body);
}

test('scores the same with the classifier that it trains and with the stored one', async () => {
  const first = await score();
  const { bytes } = await store.get(classifierKey);
  const second = await score();
  if (first.kind !== 'success' || second.kind !== 'success') throw new Error('It failed');
  expect(Object.keys(first.statistics)).toContain('frechet');
  expect(second.statistics).toEqual(first.statistics);
  expect((await store.get(classifierKey)).bytes).toEqual(bytes);
});

test('scores with the classifier that another worker stored while it trained its own', async () => {
  const { name, sha256, shape, labels } = await packFewDigits(store);
  const other = await DiskStore.open(await folder());
  await packFewDigits(other);
  await other.create('weights', (await store.get('weights')).bytes);
  const layout = classifierLayout(shape, labels?.classes.length ?? 0);
  const block = new Float32Array(layout.size).map((_, i) => Math.sin(i));
  const stored = encodeClassifier(layout, { block, accuracy: 0.5 });
  const key = datasetKeys.classifier(name, sha256, CLASSIFIER_VERSION);
  let isFirst = true;
  const late = storeWith(other, {
    get: async (wanted, ...others) => {
      if (wanted !== key || !isFirst) return other.get(wanted, ...others);
      isFirst = false;
      await other.create(key, stored);
      throw new ObjectNotFoundError(key);
    },
  });
  const reply = await score(late);
  if (reply.kind !== 'success') throw new Error(reply.error.message);
  expect(reply.statistics.classifierAccuracy).toBe(0.5);
  expect(await score(other)).toMatchObject({ statistics: reply.statistics });
  expect((await other.get(key)).bytes).toEqual(stored);
});

test.each([
  ['some of its weights are others', (bytes: Uint8Array) => bytes.fill(0x3f, bytes.length - 64)],
  ['it is cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
  ['it is another file', () => Buffer.from('{}')],
])('names a stored classifier that is damaged: %s', async (_how, damage) => {
  await score(); // trains it
  const damaged = storeWith(store, {
    get: async (key, ...others) => {
      const object = await store.get(key, ...others);
      return key === classifierKey
        ? { ...object, bytes: damage(Uint8Array.from(object.bytes)) }
        : object;
    },
  });
  const { message, retryable } = await failureOf(score(damaged));
  expect(message).toContain(`The classifier ${classifierKey} is damaged: `);
  expect(message).toMatch(/remove it: the next score trains it again\.$/);
  expect(retryable).toBe(true); // it may have been damaged on its way
  expect((await score()).kind).toBe('success');
});

test('says which weights are damaged', async () => {
  const damaged = storeWith(store, {
    get: async (key, ...others) =>
      key === 'weights' ? store.get(classifierKey) : store.get(key, ...others),
  });
  await score(); // trains the classifier
  expect((await failureOf(score(damaged))).message).toBe('weights is damaged');
});

async function failureOf(scoring: ReturnType<typeof score>) {
  const reply = await scoring;
  if (reply.kind !== 'failure') throw new Error('It succeeded');
  return { message: reply.error.message, retryable: reply.retryable };
}
