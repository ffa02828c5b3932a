import { describe, expect, it } from 'vitest';
import type { CloudServices } from '../../lib/cloud/services.ts';
import { startTriggeredRun } from '../../lib/cloud/start-run.ts';
import { parseTrigger, type TrainTrigger } from '../../lib/cloud/trigger.ts';
import { UsageError } from '../../lib/errors.ts';
import { DiskStore } from '../../lib/store/disk.ts';
import { filesIn } from '../../support/stored-run.ts';
import { testFolders } from '../support/folders.ts';

it('a trigger that wants compiled gradients of a stack on wasm is refused before the store is touched', async () => {
  const env = { LAMBDUEL_WORKER_BACKEND: 'wasm', LAMBDUEL_WORKER_THREADS: 1 };
  const services = { env } as unknown as CloudServices; // no store: touching it would fail otherwise
  const trigger = parseTrigger({ action: 'train', gradients: 'compiled' }) as TrainTrigger;
  const started = startTriggeredRun(services, trigger, 1769);
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow('gradients compiled needs the native backend');
});

it.each([
  [{ preset: 'dcgan', batch: 96 }, 'A batch of 96 in 2 shards does not fit the program'],
  [{ preset: 'dcgan', shards: 3 }, 'A batch of 128 in 3 shards does not fit the program'],
  [{ conditional: true }, 'program mlp-gan has no setting conditional'],
])('a trigger with %j is refused before the store is touched', async (settings, reason) => {
  const env = { LAMBDUEL_WORKER_BACKEND: 'native', LAMBDUEL_WORKER_THREADS: 1 };
  const services = { env } as unknown as CloudServices; // no store: touching it would fail otherwise
  const trigger = parseTrigger({ action: 'train', ...settings }) as TrainTrigger;
  const started = startTriggeredRun(services, trigger, 1769);
  await expect(started).rejects.toThrow(UsageError);
  await expect(started).rejects.toThrow(reason);
});

describe('a trigger for a run that needs more memory than there is, is refused with numbers:', () => {
  const folder = testFolders();
  it.each([
    [
      { preset: 'dcgan', batch: 2048 },
      { workerMb: 1769, coordinatorMb: 1769 },
      /^A worker of this run needs about \d+ MB \(\d+ MB for the gradient of 1024 examples, 385 MB for TensorFlow .*the workers of this stack have 1769 MB$/,
      /^Ask for \d shards \(about \d+ MB each\), or deploy with more memory \(-c workerMemory=\d+\), or choose/,
    ],
    [
      { preset: 'digits' },
      { workerMb: 256, coordinatorMb: 1769 },
      /workers of this stack have 256 MB$/,
      /^Deploy with more memory \(-c workerMemory=\d+\), or/,
    ],
    [
      { preset: 'dcgan', features: 512 },
      { workerMb: 10_240, coordinatorMb: 512 },
      /^The coordinator of this run needs about .*weights and the state of Adam.* that of this stack has 512 MB$/,
      /-c coordinatorMemory=\d+/,
    ],
  ])('%j', async (settings, { workerMb, coordinatorMb }, message, hint) => {
    const root = await folder();
    const store = await DiskStore.open(root);
    const env = {
      LAMBDUEL_WORKER_BACKEND: 'native',
      LAMBDUEL_WORKER_THREADS: 1,
      LAMBDUEL_WORKER_MEMORY_MB: workerMb,
    };
    const services = { env, store } as unknown as CloudServices;
    const trigger = parseTrigger({ action: 'train', ...settings }) as TrainTrigger;

    const error = await startTriggeredRun(services, trigger, coordinatorMb).catch((e) => e);

    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
    expect((await filesIn(root)).filter((name) => name.startsWith('runs/'))).toEqual([]);
  });
});
