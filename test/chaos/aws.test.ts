import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runOnAws } from '../../chaos/aws.ts';
import { ChaosStack } from '../../chaos/aws-stack.ts';
import { lineOf, problemsOf } from '../../chaos/outcome.ts';
import type { DeployedStack } from '../../localstack/deployed-stack.ts';
import { testFolders } from '../support/folders.ts';
import { sharedStack } from '../support/shared-stack.ts';

/** Long enough to wait for another file that has the stack, too. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 1_800_000 });

const FAULTS = 8;
const folder = testFolders();

let deployed: DeployedStack;
let stack: ChaosStack;
beforeAll(async () => {
  deployed = await sharedStack();
  stack = await ChaosStack.of(deployed);
});
afterAll(async () => {
  await stack?.release();
  const left = await stack?.endProcesses();
  await deployed?.dispose();
  expect(left).toEqual([]);
});

test(`${FAULTS} faults leave no trace: on AWS, with resident workers`, async () => {
  const options = { faults: FAULTS, seed: 4, fleet: 'resident', say: () => {} } as const;
  const outcome = await runOnAws(stack, await folder(), options);
  expect(problemsOf(outcome), lineOf(outcome)).toEqual([]);
  expect(outcome.done.size).toBe(FAULTS);
  expect(outcome.weights).toEqual(outcome.undisturbed);
});
