import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// Answers are counted, whoever has answered already: a copy stands for a shard that is not in.
vi.mock('../../lib/run/coordinator/job-rounds.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/job-rounds.ts', [
    [
      'const entry = pending.get(message.index);',
      'const entry = pending.get(message.index) ?? [...pending.values()][0];',
    ],
    ['pending.delete(message.index);', 'pending.delete(roundOf(entry.job).index);'],
  ]);
});

it('catches a collection without deduplication of gradients', async () => {
  await expectCaught(/other bits than in an undisturbed run|was sent with/);
});
