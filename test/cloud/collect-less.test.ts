import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { TSX_ARGUMENTS } from '../support/processes.ts';

const run = promisify(execFile);
const MODULE = new URL('../../lib/cloud/collect-less.ts', import.meta.url).href;

/** Moves buffers as a step does, beside a heap like a function's, and prints how often all was collected. */
function script(before: string): string {
  return `
    import { constants, PerformanceObserver } from 'node:perf_hooks';
    import { setImmediate } from 'node:timers/promises';
    import { collectLess } from ${JSON.stringify(MODULE)};
    ${before}
    let collections = 0;
    const count = (list) => {
      for (const { detail } of list.getEntries()) {
        if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
      }
    };
    new PerformanceObserver(count).observe({ entryTypes: ['gc'] });
    const heap = Array.from({ length: 300_000 }, (_, i) => ({ i, text: String(i) }));
    for (let i = 0; i < 2000; i++) {
      Buffer.allocUnsafeSlow(1_000_000)[i] = heap.length;
      await setImmediate();
    }
    process.stdout.write(String(collections));
  `;
}

async function collections(before: string): Promise<number> {
  const args = [...TSX_ARGUMENTS, '--input-type=module', '--eval', script(before)];
  return Number((await run(process.execPath, args)).stdout);
}

it('a process that moves many buffers collects all of its heap much less often', async () => {
  const without = await collections('');
  const less = await collections('collectLess();');
  expect(without).toBeGreaterThan(10);
  expect(less).toBeLessThan(without / 2);
});
