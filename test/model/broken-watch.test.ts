import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// Found by this check: a run was forgotten whose second coordinator died before it had a queue.
vi.mock('../../lib/run/coordinator/watch-over.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  const known = ' && names.includes(queueOf(read.head))';
  return mutant('lib/run/coordinator/watch-over.ts', [[known, '']]);
});

it('catches a watchdog that forgets a run', async () => {
  await expectCaught(/does not get to its end/);
});
