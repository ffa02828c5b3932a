import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// Found by this check: a coordinator that had lost its lease cleared its successor's weights.
vi.mock('../../lib/run/coordinator/publisher.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/publisher.ts', [['epoch <= this.#epoch', 'epoch >= 0']]);
});

it('catches a coordinator that clears what its successor needs', async () => {
  await expectCaught(/which a job still needs/);
});
