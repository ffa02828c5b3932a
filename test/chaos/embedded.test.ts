import { expect, test, vi } from 'vitest';
import { embeddedPlan, runEmbedded } from '../../chaos/embedded.ts';
import { lineOf, problemsOf } from '../../chaos/outcome.ts';

/** Half a minute on a machine with two cores, and ten times as long on one that is busy. */
vi.setConfig({ testTimeout: 600_000 });

const FAULTS = 40;

test(`${FAULTS} faults of every kind leave no trace: embedded`, async () => {
  const outcome = await runEmbedded({ faults: FAULTS, seed: 1, say: () => {} });
  expect(problemsOf(outcome), lineOf(outcome)).toEqual([]);
  expect(outcome.done.size).toBe(embeddedPlan({ faults: FAULTS, seed: 1 }).length);
  expect(outcome.weights).toEqual(outcome.undisturbed);
});
