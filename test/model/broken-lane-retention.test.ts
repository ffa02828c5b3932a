import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// A coordinator that has lost its lease removes states of its successor's lanes.
vi.mock('../../lib/run/coordinator/lane-retention.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/lane-retention.ts', [
    ['(epochInKey(key) ?? 0) <= epoch && ', 'epochInKey(key) !== epoch + 100 && '],
  ]);
});

const COMMON = { iterations: 4, localIterations: 1 };

it("catches a coordinator that removes lanes' states of its successor", async () => {
  await expectCaught(/which a job still needs|of which .*\/lanes\/.* is not there/, {
    common: COMMON,
  });
});
