import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../lib/backend/backend.ts';
import { nativeIsInstalled } from '../../lib/backend/choose.ts';
import { GradientComputer } from '../../lib/backend/gradient-computer.ts';
import { loadBackend } from '../../lib/backend/load.ts';
import { networkLayout, networkOf } from '../../lib/program/network.ts';
import { createWorker, type WorkerContext } from '../../lib/run/worker/context.ts';
import { performJob } from '../../lib/run/worker/worker.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { crc32 } from '../../lib/wire/checksum.ts';
import { type GradientJob, parseReply } from '../../lib/wire/messages.ts';
import { encodeParameters } from '../../lib/wire/parameters.ts';
import { sameBits } from '../support/arrays.ts';
import { decodeGradient } from '../support/decode-gradient.ts';
import { testFolders } from '../support/folders.ts';
import { programOf, lossPrograms as programs } from './loss-programs.ts';

describe.skipIf(!nativeIsInstalled())('jobs with compiled gradients', () => {
  const folder = testFolders();
  let backend: Backend;
  let store: DiskStore;
  let context: WorkerContext;
  let weights: GradientJob['weights'];

  beforeAll(async () => {
    backend = await loadBackend('native', 1);
    store = await DiskStore.open(await folder());
    const layout = networkLayout(networkOf(programOf('any', (_tf, x) => x).create(), 'N'));
    const bytes = encodeParameters(
      layout,
      Float32Array.from({ length: 11 }, (_, i) => Math.cos(i)),
    );
    await store.create('weights', bytes);
    weights = { N: { key: 'weights', crc32: crc32(bytes) } };
    context = newContext();
  });
  afterEach(() => context.gradients.close());

  function newContext(): WorkerContext {
    const maxInlineBytes = Number.POSITIVE_INFINITY;
    return createWorker({ store, backend, programs, maxInlineBytes });
  }

  async function answerTo(name: string, step: number, change: Partial<GradientJob> = {}) {
    const job: GradientJob = {
      format: 1,
      kind: 'gradient',
      runId: '20260131-235959-0a1b',
      epoch: 1,
      attempt: 1,
      seed: 5,
      program: { name, settings: {} },
      weights,
      replyTo: 'replies',
      step,
      phase: 0,
      shard: 0,
      shards: 1,
      batch: 8,
      dataset: { name: 'none', sha256: 'ab'.repeat(32), examples: 1 },
      wire: 'f32',
      gradients: 'compiled',
      ...change,
    };
    const { body, payload } = await performJob(context, job, 1);
    return { reply: parseReply(body), payload };
  }

  it('answer as eager ones, and say what compiling took where it did', async () => {
    const compileMs: (number | undefined)[] = [];
    for (const step of [0, 1, 2, 3]) {
      const compiled = await answerTo('plain', step, { phase: step % 2 }); // one loss, one graph
      const eager = await answerTo('plain', step, { gradients: 'eager' });
      const layout = networkLayout(
        networkOf(programs.create({ name: 'plain', settings: {} }), 'N'),
      );
      const [a, b] = [compiled, eager].map(({ payload }) =>
        Float32Array.from(decodeGradient(layout, payload as Uint8Array, 'the answer')),
      );
      expect(Math.max(...(a ?? []).map(Math.abs))).toBeGreaterThan(0);
      expect(sameBits(a as Float32Array, b as Float32Array)).toBe(true);
      for (const { reply } of [compiled, eager]) {
        if (reply.kind !== 'success') throw new Error(reply.error.message);
        compileMs.push(reply.timing.compileMs);
      }
    }
    // Recorded with the first, compared with the second.
    const none = undefined;
    expect(compileMs.slice(4)).toEqual([none, none, none, none]);
    expect(compileMs[0]).toBeGreaterThan(0);
    expect(compileMs[2]).toBeGreaterThan(0);
  });

  it('end the run where the loss reads values, with what to change', async () => {
    const { reply } = await answerTo('reading', 0);
    expect(reply).toMatchObject({ kind: 'failure', retryable: false });
    expect(messageOf(reply)).toMatch(/values are read .*tensor operations .*--gradients eager/);
    expect((await answerTo('reading', 0, { gradients: 'eager' })).reply.kind).toBe('success');
  });

  it('end the run with the second job where the loss is random, with what to change', async () => {
    expect((await answerTo('random', 0)).reply.kind).toBe('success');
    const { reply } = await answerTo('random', 1);
    expect(reply).toMatchObject({ kind: 'failure', retryable: false });
    expect(messageOf(reply)).toMatch(/tf\.dropout.*phase's noise.*--gradients eager/);
  });

  it('end the run where the worker has another backend than the run was started for', async () => {
    context = { ...newContext(), gradients: new GradientComputer({ ...backend, name: 'wasm' }) };
    const { reply } = await answerTo('plain', 0);
    expect(reply).toMatchObject({ kind: 'failure', retryable: false });
    expect(messageOf(reply)).toMatch(/need the native backend, and this worker has wasm/);
    context = newContext();
  });

  it('leave neither tensors nor memory behind, job after job', async () => {
    const memoryAfter = async (jobs: number) => {
      for (let step = 0; step < jobs; step++)
        await answerTo('plain', step, { batch: 8 + (step % 2) });
      return backend.tf.memory().numTensors;
    };
    const before = await memoryAfter(4);
    expect(await memoryAfter(300)).toBe(before);
  });
});

function messageOf(reply: ReturnType<typeof parseReply>): string {
  return reply.kind === 'failure' ? reply.error.message : '';
}
