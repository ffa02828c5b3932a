import { it, vi } from 'vitest';
import { expectCaught } from './expect-caught.ts';

// All epochs write as if they were the same one.
vi.mock('../../lib/run/keys.ts', async (importOriginal) => {
  const keys = await importOriginal<typeof import('../../lib/run/keys.ts')>();
  const { weights, answer, checkpoint } = keys.runKeys;
  const runKeys: typeof keys.runKeys = {
    ...keys.runKeys,
    weights: (runId, network, version) => weights(runId, network, version, 0),
    answer: (job, attempt) => answer({ ...job, epoch: 0 }, attempt),
    checkpoint: (runId, iteration) => checkpoint(runId, iteration, 0),
  };
  return { ...keys, runKeys };
});

it('catches keys without the epoch', async () => {
  await expectCaught(/which coordinator-\d+ has written already/);
});
