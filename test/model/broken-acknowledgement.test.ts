import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

vi.mock('../../lib/run/worker/serve-delivery.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/worker/serve-delivery.ts', [
    ['  await server.jobs.acknowledge([delivery.receipt]);\n', ''],
    [
      '    const reply = await worker().then(',
      '    await jobs.acknowledge([delivery.receipt]);\n    const reply = await worker().then(',
    ],
  ]);
});

it('catches a job that is acknowledged before its answer is sent', async () => {
  await expectCaught(/is lost: nobody has it/);
});
