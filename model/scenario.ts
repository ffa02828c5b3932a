import fc from 'fast-check';

/** What happens in a simulation beside the protocol's own doings; all of it, by the seed. */
export interface Scenario {
  /** Of all choices: who gets on next, which message comes, when and to whom a fault happens. */
  readonly seed: number;
  readonly iterations: number;
  readonly shards: number;
  /** 0: every step is averaged. */
  readonly localIterations: number;
  readonly checkpointEvery: number;
  readonly sampleEvery: number;
  /** 0: no scores, no average of the generator, and no standing statistics. */
  readonly scoreEvery: number;
  /** Whether gradients travel in messages, not as objects. */
  readonly inline: boolean;
  /** How often a coordinator dies. */
  readonly coordinatorCrashes: number;
  readonly workerCrashes: number;
  readonly watchdogCrashes: number;
  /** How often somebody stands still for a while. */
  readonly pauses: number;
  /** How often time passes although things could happen: everything is slow. */
  readonly delays: number;
  /** How often who is fast and who is slow changes. */
  readonly speedChanges: number;
  /** Messages that are delivered once more at once. */
  readonly duplicates: number;
  /** Changes of the head that are made, but seem to have failed. */
  readonly lostAnswers: number;
  /** Coordinators that are started beside the first two. */
  readonly extraStarts: number;
  /** How often a coordinator hands over to the next. */
  readonly handOvers: number;
  /** Whether coordinators start workers of their own. */
  readonly resident: boolean;
  /** Starts of such workers that are lost, and that happen twice. */
  readonly lostStarts: number;
  readonly doubleStarts: number;
  /** How often such a worker's time runs out. */
  readonly successions: number;
  /** How often a run's own job queue is removed by someone else. */
  readonly queueRemovals: number;
}

/** Nothing but the protocol. */
export const UNDISTURBED: Scenario = {
  seed: 0,
  iterations: 3,
  shards: 2,
  localIterations: 0,
  checkpointEvery: 1,
  sampleEvery: 1,
  scoreEvery: 0,
  inline: true,
  coordinatorCrashes: 0,
  workerCrashes: 0,
  watchdogCrashes: 0,
  pauses: 0,
  delays: 0,
  speedChanges: 0,
  duplicates: 0,
  lostAnswers: 0,
  extraStarts: 0,
  handOvers: 0,
  resident: false,
  lostStarts: 0,
  doubleStarts: 0,
  successions: 0,
  queueRemovals: 0,
};

const upTo = (max: number) => fc.integer({ min: 0, max });

/**
 * Any scenario. Shrinks towards fewer faults. The runs are mostly as short as they can be: what goes
 * wrong in a longer one goes wrong in a short one, and more of them can be played.
 */
export const anyScenario: fc.Arbitrary<Scenario> = fc.noBias(
  fc.record({
    seed: fc.noShrink(fc.integer({ min: 0, max: 0x7fffffff })),
    iterations: fc.constantFrom(2, 2, 2, 3),
    shards: fc.constantFrom(2, 2, 2, 3),
    localIterations: fc.constantFrom(0, 0, 0, 1, 2),
    checkpointEvery: fc.integer({ min: 1, max: 2 }),
    sampleEvery: fc.constantFrom(0, 0, 1),
    inline: fc.boolean(),
    coordinatorCrashes: upTo(4),
    workerCrashes: upTo(2),
    watchdogCrashes: upTo(1),
    pauses: upTo(4),
    delays: upTo(3),
    speedChanges: upTo(3),
    duplicates: upTo(3),
    lostAnswers: upTo(1),
    extraStarts: upTo(2),
    handOvers: upTo(1),
    scoreEvery: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
    resident: fc.constantFrom(false, false, true),
    lostStarts: upTo(1),
    doubleStarts: upTo(1),
    successions: upTo(2),
    queueRemovals: fc.constantFrom(0, 0, 0, 1),
  }),
);
