import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// The states that a round began with are removed after it, even those that a checkpoint names.
vi.mock('../../lib/run/coordinator/local-iterations/local-iterations.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/local-iterations/local-iterations.ts', [
    ['this.#isNamed ? [] : (this.#lanes ?? [])', 'this.#lanes ?? []'],
  ]);
});

const COMMON = { iterations: 4, localIterations: 1, checkpointEvery: 2 };

it("catches a coordinator that removes lanes' states which the last checkpoint names", async () => {
  await expectCaught(/names a checkpoint of which .*\/lanes\/.* is not there/, { common: COMMON });
});
