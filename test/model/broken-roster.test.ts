import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// Nobody replaces a worker that is lost.
vi.mock('../../lib/run/coordinator/roster.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/roster.ts', [
    ['i < this.#late || place.passedOver >= PASSED_OVER * this.size', 'place.number < 0 && i < 0'],
  ]);
});

const COMMON = { resident: true, workerCrashes: 3, lostStarts: 0, queueRemovals: 0 };

it('catches a coordinator that replaces no lost worker', async () => {
  await expectCaught(/failed 5 times|does not get to its end|which a job still needs/, {
    common: COMMON,
  });
});
