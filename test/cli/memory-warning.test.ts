import { expect, test, vi } from 'vitest';
import { warnOfMemory } from '../../lib/cli/memory-warning.ts';
import { runConfig } from '../../support/fixtures.ts';

vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  platform: () => 'linux',
  freemem: () => 1000 * 2 ** 20,
}));

/** What is said on a machine that has 1000 MB free. */
async function said(workers: number): Promise<string> {
  const lines: string[] = [];
  const stderr = { write: (line: string) => lines.push(line) };
  const noStore = {} as never; // for program files only
  const config = runConfig({ batch: 8, shards: 2, backend: 'native' });
  await warnOfMemory({ stderr } as never, noStore, config, workers);
  return lines.join('');
}

test('nothing is said where there is enough memory', async () => {
  expect(await said(1)).toBe('');
});

test('workers that need more than is free are a warning with numbers, and what to change', async () => {
  expect(await said(4)).toMatch(
    /^warning: 4 workers may need about \d+ MB \(385 MB for TensorFlow and Node\.js, .*\) each, and this machine has 1000 MB free\nhint: .*fewer --workers.*\.\n$/,
  );
});
