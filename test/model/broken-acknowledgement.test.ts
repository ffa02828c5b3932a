import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

vi.mock('../../lib/local/serve-delivery.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/local/serve-delivery.ts', [
    ['  await jobs.acknowledge([delivery.receipt]);\n', ''],
    [
      '  const reply = await performJob(',
      '  await jobs.acknowledge([delivery.receipt]);\n  const reply = await performJob(',
    ],
  ]);
});

it('catches a job that is acknowledged before its answer is sent', async () => {
  await expectCaught(/is lost: nobody has it/);
});
