import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { renderLiveBlock } from '../../lib/observe/console/live-block.ts';
import type { Progress } from '../../lib/observe/console/progress-state.ts';
import { declaredMetrics } from '../../lib/observe/titled-metrics.ts';
import { builtInPrograms } from '../../lib/program/built-in.ts';
import { runConfig } from './support.ts';

const plain = picocolors.createColors(false);
const colored = picocolors.createColors(true);

const PROGRESS: Progress = {
  config: runConfig({ iterations: 2000 }),
  status: 'running',
  iteration: 1060,
  startedAt: 0,
  declared: declaredMetrics(builtInPrograms(), runConfig()),
  metrics: { dCost: 1.2034, dReal: 0.5623, gCost: 0.8312, dFake: 0.4312, maxPixel: 0.9981 },
  examplesPerSecond: 6412.4,
  elapsedMs: 61_000,
  remainingMs: 54_000,
  workers: 4,
  resent: 2,
  checkpoint: 1000,
  notes: ['worker 3 is gone'],
};

/** Wide characters take two columns; of those, the texts here hold only these. */
function columnsOf(line: string): number {
  return [...line].reduce(
    (sum, character) => sum + (/[\u4e2d\u{1f389}]/u.test(character) ? 2 : 1),
    0,
  );
}

const progress: fc.Arbitrary<Progress> = fc.record({
  config: fc.constantFrom(undefined, runConfig(), runConfig({ preset: '中'.repeat(60) })),
  status: fc.constantFrom('waiting', 'running', 'finished', 'failed', 'cancelled'),
  iteration: fc.nat(10_000_000),
  startedAt: fc.constant(0),
  declared: fc.constantFrom([], declaredMetrics(builtInPrograms(), runConfig())),
  metrics: fc.dictionary(fc.constantFrom('gCost', 'dCost', 'maxPixel', 'other'), fc.double()),
  examplesPerSecond: fc.option(fc.nat(), { nil: undefined }),
  elapsedMs: fc.nat(),
  remainingMs: fc.option(fc.nat(), { nil: undefined }),
  workers: fc.option(fc.nat(1000), { nil: undefined }),
  resent: fc.nat(100_000),
  checkpoint: fc.option(fc.nat(), { nil: undefined }),
  notes: fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '中', '🎉', '.') }), {
    maxLength: 3,
  }),
});

describe('renderLiveBlock', () => {
  it('never draws a line that is wider than the terminal', () => {
    fc.assert(
      fc.property(progress, fc.nat(160), (state, width) => {
        for (const line of renderLiveBlock(state, width, plain)) {
          expect(columnsOf(line)).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('draws the same text with colours and without', () => {
    const lines = renderLiveBlock(PROGRESS, 80, colored);

    const withColors = lines.map((line) => stripVTControlCharacters(line));
    expect(lines).not.toEqual(withColors);
    expect(withColors).toEqual(renderLiveBlock(PROGRESS, 80, plain));
  });

  it('shows all that is known where there is room', () => {
    expect(renderLiveBlock(PROGRESS, 90, plain)).toEqual([
      'training  20260131-235959-0a1b  digits',
      `${'━'.repeat(25)}${'─'.repeat(23)}   53%  1,060 / 2,000`,
      'iteration   G cost   D cost   largest pixel   D on fakes   D on reals',
      '    1,060   0.8312   1.2034          0.9981       0.4312       0.5623',
      '6,412 examples/s   0:54 left   4 workers   1:01 elapsed   checkpoint 1,000   2 resent',
      'worker 3 is gone',
    ]);
  });

  it('leaves out whole columns where there is none', () => {
    const [, , headings, values] = renderLiveBlock(PROGRESS, 30, plain);

    expect([headings, values]).toEqual([
      'iteration   G cost   D cost',
      '    1,060   0.8312   1.2034',
    ]);
  });
});
