import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// A coordinator remembers the best score of its own time, and not what is stored.
vi.mock('../../lib/run/coordinator/score.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  const imported = "import { jobBase } from './job-base.ts';\n";
  return mutant('lib/run/coordinator/score.ts', [
    [imported, `${imported}const bests = new WeakMap<object, number>();\n`],
    [
      'const isKept = ({ score: best }: { readonly score?: number | undefined }) =>',
      'const best = bests.get(round);\n    const isKept = () =>',
    ],
    ['best <= score;\n', 'best <= score;\n    if (!isKept()) bests.set(round, score);\n'],
  ]);
});

it('catches a coordinator that forgets the best generator of the one before', async () => {
  await expectCaught(/The best generator has score .*, and the one before/, {
    common: { scoreEvery: 1 },
  });
});
