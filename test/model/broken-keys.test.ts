import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// All epochs write as if they were the first one.
vi.mock('../../lib/run/record/keys.ts', async (importOriginal) => {
  const keys = await importOriginal<typeof import('../../lib/run/record/keys.ts')>();
  const { weights, answer, checkpoint } = keys.runKeys;
  const runKeys: typeof keys.runKeys = {
    ...keys.runKeys,
    weights: (runId, network, version) => weights(runId, network, version, 1),
    answer: (job, attempt) => answer({ ...job, epoch: 1 }, attempt),
    checkpoint: (runId, iteration) => checkpoint(runId, iteration, 1),
  };
  return { ...keys, runKeys };
});

it('catches keys without the epoch', async () => {
  await expectCaught(/which coordinator-\d+ has written already/);
});
