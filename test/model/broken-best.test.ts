import { it, vi } from 'vitest';
import { expectCaught } from '../../model/expect-caught.ts';

// A generator file is written whatever it has become since it was read.
vi.mock('../../lib/run/coordinator/generator-file.ts', async () => {
  const { mutant } = await import('../../model/mutant.ts');
  return mutant('lib/run/coordinator/generator-file.ts', [
    [
      'await (there ? store.replace(key, bytes, there.etag) : store.create(key, bytes));',
      'await store.put(key, bytes);',
    ],
  ]);
});

const COMMON = { iterations: 4, localIterations: 0, scoreEvery: 1 };

it('catches a best generator that is replaced without compare-and-swap', async () => {
  await expectCaught(/The best generator has score .*, and the one before/, { common: COMMON });
});
