import { it, vi } from 'vitest';
import { expectCaught } from './expect-caught.ts';

// Found by this check: a coordinator that had lost its lease cleared its successor's weights.
vi.mock('../../lib/run/publisher.ts', async () => {
  const { mutant } = await import('./mutant.ts');
  return mutant('lib/run/publisher.ts', [['(epochInKey(key) ?? 0) <= this.#epoch', 'key']]);
});

it('catches a coordinator that clears what its successor needs', async () => {
  await expectCaught(/which a job still needs/);
});
