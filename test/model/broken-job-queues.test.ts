import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// The watchdog knows of reply queues alone: workers of a dead coordinator wait for ever.
vi.mock('../../lib/run/coordinator/watch-over.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/watch-over.ts', [
    ['  removedQueues.push(...(await removeJobQueues(store, queues)));\n', ''],
  ]);
});

it('catches a watchdog that leaves the job queues of the dead', async () => {
  await expectCaught(/Queues are left: jobs-/, {
    common: { resident: true, coordinatorCrashes: 3 },
  });
});
