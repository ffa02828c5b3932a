import { beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { chooseBackend, nativeIsInstalled } from '../../lib/backend/choose.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { programLayout } from '../../lib/program/network.ts';
import { createWorker, type WorkerContext } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { type LocalJob, parseReply } from '../../lib/wire/messages.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { storeWith } from '../../support/fixtures.ts';
import { localJob } from '../../support/messages.ts';
import { testFolders } from '../support/folders.ts';
import { lossPrograms as programs } from './loss-programs.ts';

const MODES = nativeIsInstalled() ? (['compiled', 'eager'] as const) : (['eager'] as const);
const NOTHING = { key: 'nothing', crc32: '0123abcd' };

const folder = testFolders();
let backend: Backend;
let store: DiskStore;
let weights: LocalJob['weights'];

beforeAll(async () => {
  backend = await loadBackend(chooseBackend('auto'), 1);
  store = await DiskStore.open(await folder());
  const layout = programLayout(programs.create({ name: 'plain', settings: {} }));
  const values = Float32Array.from({ length: layout.size }, (_, i) => Math.cos(i));
  const bytes = encodeParameters(layout, values);
  await store.create('weights', bytes);
  weights = { N: { key: 'weights', crc32: crc32(bytes) } };
});

function newWorker(change: Partial<WorkerContext> = {}): WorkerContext {
  const maxInlineBytes = Number.POSITIVE_INFINITY;
  return { ...createWorker({ store, backend, programs, maxInlineBytes }), ...change };
}

let runs = 0;

/** A run id that no other has: what a lane writes is written once. */
function newRun(): string {
  return `20260131-235959-${(runs++).toString(16).padStart(4, '0')}`;
}

/** Have a worker do one job: a round of three iterations of the first of two lanes. */
async function perform(
  worker: WorkerContext,
  change: Partial<LocalJob> = {},
  program = 'plain',
  delivery = 1,
) {
  const job = localJob({
    ...{ program: { name: program, settings: {} }, weights, batch: 8, lanes: 2, lane: 0 },
    ...{ iteration: 0, iterations: 3, averaging: 0, state: null, runId: newRun(), ...change },
  });
  const { body, payload } = await performJob(worker, job, delivery);
  return { reply: parseReply(body), payload };
}

/** The same of a job that is expected to be done. */
async function succeed(...args: Parameters<typeof perform>) {
  const { reply, payload } = await perform(...args);
  if (reply.kind !== 'success') throw new Error(reply.error.message);
  const { lane } = reply;
  if (!lane) throw new Error('It tells of no lane');
  return { reply, payload: Buffer.from(payload ?? []), lane };
}

/** The same of one that is expected not to be. */
async function fail(...args: Parameters<typeof perform>) {
  const { reply } = await perform(...args);
  if (reply.kind !== 'failure') throw new Error('It succeeded');
  return { message: reply.error.message, retryable: reply.retryable };
}

describe.each(MODES)('a lane, %s', (gradients) => {
  it('goes on from its state to the same bits in a worker that had it and one that had not', async () => {
    const runId = newRun();
    const warm = newWorker();
    const { lane } = await succeed(warm, { gradients, runId });
    const next = { gradients, runId, iteration: 3, averaging: 1, state: lane.state };
    const [one, other] = [await succeed(warm, next), await succeed(newWorker(), next)];
    expect(one.payload.equals(other.payload)).toBe(true);
    expect(one.lane).toEqual(other.lane);
    expect(one.payload.equals((await succeed(warm, { gradients })).payload)).toBe(false);
  });

  it('tells the metrics of every iteration, and what compiling took only where it did', async () => {
    const worker = newWorker();
    const [first, second] = [
      await succeed(worker, { gradients }),
      await succeed(worker, { gradients }),
    ];
    expect(first.lane.iterations.map(Object.keys)).toEqual([['cost'], ['cost'], ['cost']]);
    expect(new Set(first.lane.iterations.map(({ cost }) => cost)).size).toBe(3);
    if (gradients === 'compiled') expect(first.reply.timing.compileMs).toBeGreaterThan(0);
    else expect(first.reply.timing).not.toHaveProperty('compileMs');
    expect(second.reply.timing).not.toHaveProperty('compileMs');
  });

  it('leaves no tensor behind, job after job, whatever becomes of the job', async () => {
    const runId = newRun();
    let failing = false;
    const broken = storeWith(store, {
      create: (...args) => (failing ? Promise.reject(new Error('no room')) : store.create(...args)),
    });
    const worker = createWorker({ store: broken, backend, programs, maxInlineBytes: 1e9 });
    let { lane } = await succeed(worker, { gradients, runId });
    const before = backend.tf.memory().numTensors;
    for (let averaging = 1; averaging < 4; averaging++) {
      const job = { gradients, runId, iteration: 3 * averaging, averaging, state: lane.state };
      failing = true;
      await fail(worker, job);
      failing = false;
      await fail(worker, { gradients, weights: { N: NOTHING } });
      await fail({ ...worker, remainingMs: () => 0 }, job);
      ({ lane } = await succeed(worker, job));
    }
    expect(backend.tf.memory().numTensors).toBe(before);
  });
});

describe.skipIf(!nativeIsInstalled())('a loss that cannot be compiled', () => {
  it.each([
    ['reading', /values are read .*tensor operations .*--gradients eager/],
    ['random', /tf\.dropout.*phase's noise.*--gradients eager/],
  ])('ends the run with the first lane, with what to change: %s', async (program, message) => {
    const worker = newWorker();
    const job = { gradients: 'compiled', runId: newRun() } as const;
    await fail(worker, job, program); // what is loaded stays
    const before = backend.tf.memory().numTensors;
    const { message: told, retryable } = await fail(worker, job, program);
    expect(told).toMatch(message);
    expect(retryable).toBe(false);
    expect(backend.tf.memory().numTensors).toBe(before);
    await succeed(worker, { gradients: 'eager' }, program);
  });
});

it('has the same answer in a message and in the store, where message and metrics are too large', async () => {
  const { payload, reply } = await succeed(newWorker());
  const { length } = payload;
  expect(JSON.stringify(reply).length).toBeLessThan(1000);
  const { payload: inline } = await succeed(newWorker({ maxInlineBytes: length + 1000 }));
  expect(inline.equals(payload)).toBe(true);
  const small = newWorker({ maxInlineBytes: length + 100 });
  const { reply: stored, payload: none } = await succeed(small);
  expect(none).toHaveLength(0);
  const { bytes } = await store.get(stored.data.key as string);
  expect(payload.equals(bytes)).toBe(true);
});

it('is done twice by two workers without harm: its state is written once', async () => {
  const runId = newRun();
  const [one, other] = await Promise.all([
    succeed(newWorker(), { runId }),
    succeed(newWorker(), { runId }, 'plain', 2),
  ]);
  expect(one.lane).toEqual(other.lane);
  const { bytes } = await store.get(one.lane.state.key);
  expect(crc32(bytes)).toBe(one.lane.state.crc32);
});

describe('a lane whose optimizer state is', () => {
  it('missing ends the run, with the name of the object and what to do', async () => {
    const state = { key: 'runs/x/lanes/0/0-e1.safetensors', crc32: '0123abcd' };
    const { message, retryable } = await fail(newWorker(), { state });
    expect(message).toMatch(/is not there: runs\/x\/lanes\/0\/0-e1\.safetensors.*Restore the file/);
    expect(retryable).toBe(false);
  });

  it('damaged fails with its name, and is tried again: it may only have arrived damaged', async () => {
    const { lane } = await succeed(newWorker());
    const state = { ...lane.state, crc32: '00000000' };
    const { message, retryable } = await fail(newWorker(), { state });
    expect(message).toMatch(/is damaged: runs\/.*\/lanes\/0\/0-e3\.safetensors.*Restore the file/);
    expect(retryable).toBe(true);
  });

  it('of another program is refused', async () => {
    const layout = programLayout(programs.create({ name: 'plain', settings: {} }));
    const bytes = encodeParameters(layout, new Float32Array(layout.size));
    await store.create('strange', bytes);
    const { message } = await fail(newWorker(), { state: { key: 'strange', crc32: crc32(bytes) } });
    expect(message).toMatch(/^strange /);
  });
});

it('ends early where the worker has not the time for all iterations, with what to change', async () => {
  const { message, retryable } = await fail(newWorker({ remainingMs: () => 1500 }));
  expect(message).toMatch(/2 of its 3 iterations, .* has 2 s.*--local-iterations.*workerTimeout/);
  expect(retryable).toBe(true);
  await succeed(newWorker({ remainingMs: () => 60_000 }));
});
