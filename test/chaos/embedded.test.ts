import { expect, test, vi } from 'vitest';
import { runEmbedded } from '../../chaos/embedded.ts';
import { lineOf, problemsOf } from '../../chaos/outcome.ts';

/** Half a minute on a machine with two cores, and ten times as long on one that is busy. */
vi.setConfig({ testTimeout: 600_000 });

/** So many that each kind is among them. */
test.each([
  [
    "with local iterations in 8 bits, from a run's weights",
    {
      ...{ faults: 20, seed: 2, localIterations: 5, initFromRun: true },
      ...({ wire: 'int8', weightsWire: 'f16' } as const),
    },
  ],
  ['with scores', { faults: 26, seed: 3, scoreEvery: 3 }],
])('faults of every kind leave no trace: embedded, %s', async (_where, options) => {
  const outcome = await runEmbedded({ ...options, say: () => {} });
  expect(problemsOf(outcome), lineOf(outcome)).toEqual([]);
  expect(outcome.done.size).toBe(options.faults);
  expect(outcome.weights).toEqual(outcome.undisturbed);
});

test('a few faults leave no trace in the run of a program file', async () => {
  const options = { faults: 10, seed: 4, program: 'support/program-file.ts' };
  const outcome = await runEmbedded({ ...options, say: () => {} });
  expect(problemsOf(outcome), lineOf(outcome)).toEqual([]);
  expect(outcome.done.size).toBe(options.faults);
});
