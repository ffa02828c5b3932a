import fc from 'fast-check';
import type { MemoryObjects } from './memory-objects.ts';
import { anyScenario, type Scenario } from './scenario.ts';
import { type Outcome, Simulator } from './simulation.ts';

/** Events of a failed interleaving that are shown at once; a replay shows all of them. */
const SHOWN_EVENTS = 60;

/** How much to explore. */
export interface Extent {
  readonly interleavings: number;
  /** Of the scenarios: another seed explores others. */
  readonly seed: number;
  /** What all scenarios have in common. Default: nothing. */
  readonly common?: Partial<Scenario>;
}

/** What an exploration came to. */
export interface Exploration {
  /** Interleavings until the first violation, or all of them. */
  readonly interleavings: number;
  /** Of them, those that are unlike all others. */
  readonly distinct: number;
  readonly events: number;
  /** The first violation, with the fewest faults that still lead to one. */
  readonly violation: string | undefined;
}

/**
 * Do something while this process's memory cannot be measured: workers report it with each answer,
 * which takes as long as all the rest of a job in the model, and is no part of an interleaving.
 */
async function unmeasured<T>(action: () => Promise<T>): Promise<T> {
  const { rss } = process.memoryUsage;
  process.memoryUsage.rss = () => 0;
  try {
    return await action();
  } finally {
    process.memoryUsage.rss = rss;
  }
}

/**
 * Play scenarios until one violates an invariant.
 *
 * @param Objects see `Simulator`
 */
export async function explore(
  { interleavings, seed, common = {} }: Extent,
  Objects?: typeof MemoryObjects,
): Promise<Exploration> {
  const simulator = new Simulator(Objects);
  const seen = new Set<number>();
  let events = 0;
  let found = false;
  const scenarios = anyScenario.map((scenario) => ({ ...scenario, ...common }));
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const outcome = await simulator.simulate(scenario);
    if (!found) {
      seen.add(outcome.fingerprint);
      events += outcome.events;
    }
    found ||= outcome.violation !== undefined;
    return outcome.violation === undefined;
  });
  const { numRuns, counterexample } = await unmeasured(() =>
    fc.check(property, { numRuns: interleavings, seed }),
  );
  const [scenario] = counterexample ?? [];
  const violation = scenario && describeOutcome(scenario, await simulator.simulate(scenario));
  return { interleavings: numRuns, distinct: seen.size, events, violation };
}

/** What went wrong in a scenario, what happened last, and how to see it all again. */
export function describeOutcome(scenario: Scenario, { trace, violation }: Outcome): string {
  return [
    violation?.message ?? 'No violation',
    '',
    ...trace.slice(-SHOWN_EVENTS),
    '',
    'All of it again:',
    `MODEL_SCENARIO='${JSON.stringify(scenario)}' npx vitest run test/model/replay.test.ts`,
  ].join('\n');
}
