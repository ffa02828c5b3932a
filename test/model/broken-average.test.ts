import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// A coordinator that takes over begins the average of the generator anew.
vi.mock('../../lib/run/coordinator/averaged-generator.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/averaged-generator.ts', [
    ['await checkpoint.block(averageFile(origin.program.generator), layout)', 'parameters.slice()'],
  ]);
});

it('catches an average that is not continued from the checkpoint', async () => {
  await expectCaught(/ema-G.* has other bits|scores\/\d+ has other bits/, {
    common: { scoreEvery: 1 },
  });
});
