import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyScenario, type Scenario } from '../../model/scenario.ts';
import { Simulator } from '../../model/simulation.ts';

const { MODEL_SCENARIO } = process.env;

it.runIf(MODEL_SCENARIO)('replays the scenario that MODEL_SCENARIO names', async () => {
  const scenario = JSON.parse(MODEL_SCENARIO ?? '') as Scenario;
  const { trace, violation } = await new Simulator().simulate(scenario);
  console.log(trace.join('\n'));
  if (violation) throw violation;
});

it('plays a scenario the same way each time', async () => {
  for (const scenario of fc.sample(anyScenario, { numRuns: 20, seed: 1 })) {
    const [first, second] = [new Simulator(), new Simulator()];
    const outcome = await first.simulate(scenario);
    expect(await second.simulate(scenario)).toEqual(outcome);
    expect(await first.simulate(scenario)).toEqual(outcome);
  }
});

it('plays it in another order with another seed', async () => {
  const simulator = new Simulator();
  const [scenario] = fc.sample(anyScenario, { numRuns: 1, seed: 1 }) as [Scenario];
  const outcomes = [1, 2, 3, 4].map((seed) => simulator.simulate({ ...scenario, seed }));
  const fingerprints = (await Promise.all(outcomes)).map(({ fingerprint }) => fingerprint);
  expect(new Set(fingerprints).size).toBe(4);
});
