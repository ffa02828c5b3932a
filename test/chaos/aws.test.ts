import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runOnAws } from '../../chaos/aws.ts';
import { ChaosStack } from '../../chaos/aws-stack.ts';
import { lineOf, problemsOf } from '../../chaos/outcome.ts';
import { testFolders } from '../support/folders.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const FAULTS = 8;
const folder = testFolders();

let stack: ChaosStack;
beforeAll(async () => {
  stack = await ChaosStack.deploy();
});
afterAll(async () => {
  expect(await stack?.dispose()).toEqual([]);
});

test(`${FAULTS} faults leave no trace: on AWS, with resident workers`, async () => {
  const options = { faults: FAULTS, seed: 4, fleet: 'resident', say: () => {} } as const;
  const outcome = await runOnAws(stack, await folder(), options);
  expect(problemsOf(outcome), lineOf(outcome)).toEqual([]);
  expect(outcome.done.size).toBe(FAULTS);
  expect(outcome.weights).toEqual(outcome.undisturbed);
});
