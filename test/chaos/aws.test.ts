import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runOnAws } from '../../chaos/aws.ts';
import { ChaosStack } from '../../chaos/aws-stack.ts';
import { lineOf, problemsOf } from '../../chaos/outcome.ts';
import { testFolders } from '../support/folders.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const FAULTS = 10;
const folder = testFolders();

let stack: ChaosStack;
beforeAll(async () => {
  stack = await ChaosStack.deploy();
});
afterAll(async () => {
  expect(await stack?.dispose()).toEqual([]);
});

test(`${FAULTS} faults leave no trace: on AWS`, async () => {
  const options = { faults: FAULTS, seed: 2, say: () => {} };
  const outcome = await runOnAws(stack, await folder(), options);
  expect(problemsOf(outcome), lineOf(outcome)).toEqual([]);
  expect(outcome.done.size).toBe(FAULTS);
  expect(outcome.weights).toEqual(outcome.undisturbed);
});
