import { packDataset } from '../lib/data/pack.ts';
import { watchOver } from '../lib/run/coordinator/watch-over.ts';
import { NO_LIMITS, readHead } from '../lib/run/record/head.ts';
import { createRun } from '../lib/run/record/runs.ts';
import { Actor } from './actor.ts';
import { Choices } from './choices.ts';
import { directStore } from './direct-store.ts';
import { duelConfig } from './duel-config.ts';
import { REAL_IMAGES } from './duel-program.ts';
import { MemoryObjects } from './memory-objects.ts';
import type { Reference } from './object-rules.ts';
import { type Scenario, UNDISTURBED } from './scenario.ts';
import { Scheduler, Violation } from './scheduler.ts';
import { simulatedClock } from './simulated-clock.ts';
import { Stage } from './stage.ts';

const WORKERS = 3;
/** The second coordinator comes within so many events. */
const SOON = 120;
/** No run takes so many events, or so much time, whatever happens to it. */
const MAX_EVENTS = 20_000;
const MAX_MS = 3_600_000;

/** How one interleaving ended. */
export interface Outcome {
  /** Equal for equal interleavings only. */
  readonly fingerprint: number;
  readonly events: number;
  readonly trace: readonly string[];
  /** What was wrong. */
  readonly violation: Violation | undefined;
}

/** Plays runs by scenarios, and compares them with undisturbed ones. */
export class Simulator {
  readonly #Objects: typeof MemoryObjects;
  readonly #references = new Map<string, Promise<Reference>>();

  /** @param Objects the store's objects; another class: a store that is not as it should be */
  constructor(Objects = MemoryObjects) {
    this.#Objects = Objects;
  }

  async simulate(scenario: Scenario): Promise<Outcome> {
    return this.#play(scenario, await this.#referenceFor(scenario), false);
  }

  #referenceFor({
    shards,
    localIterations,
    scoreEvery,
    ...scenario
  }: Scenario): Promise<Reference> {
    // A shorter run comes to the same, where its last round is not cut short.
    const iterations = Math.max(UNDISTURBED.iterations, scenario.iterations);
    const each = Math.min(1, scoreEvery); // each iteration is scored, if any are
    const name = `${shards}/${localIterations}/${iterations}/${each}`;
    const known = this.#references.get(name);
    if (known) return known;
    const size = { shards, localIterations, iterations, scoreEvery: each };
    const recorded = this.#record({ ...UNDISTURBED, ...size });
    this.#references.set(name, recorded);
    return recorded;
  }

  async #record(undisturbed: Scenario): Promise<Reference> {
    const reference: Reference = new Map();
    const { violation } = await this.#play(undisturbed, reference, true);
    if (violation) throw violation;
    return reference;
  }

  async #play(scenario: Scenario, reference: Reference, recording: boolean): Promise<Outcome> {
    const choices = new Choices(scenario.seed);
    const scheduler = new Scheduler(choices);
    const objects = new this.#Objects(() => scheduler.now);
    const config = duelConfig(scenario);
    const store = directStore(objects);
    if (config.scoreEvery > 0) await packDataset(store, REAL_IMAGES);
    const clock = simulatedClock(scheduler, new Actor('watchdog', 'user'));
    const fleet = scenario.resident ? 'resident' : 'event';
    await createRun(store, config, clock, NO_LIMITS, { fleet, workers: null });
    const { head } = await readHead(store, config.runId);
    const judged = { scheduler, objects, config, head, reference, recording };
    const stage = new Stage(judged, scenario, choices);
    let violation: Violation | undefined;
    try {
      const starts = recording ? [0] : [0, choices.below(SOON)];
      await playToEnd(stage, scheduler, starts);
    } catch (error) {
      violation =
        error instanceof Violation ? error : new Violation(String(error), { cause: error });
    }
    const { fingerprint, events, trace } = scheduler;
    return { fingerprint, events, trace, violation };
  }
}

/** @param starts after how many events each of the first coordinators comes */
async function playToEnd(stage: Stage, scheduler: Scheduler, starts: number[]): Promise<void> {
  const step = async () => {
    const inTime = scheduler.events < MAX_EVENTS && scheduler.now < MAX_MS;
    if (!inTime || !(await scheduler.step()))
      throw new Violation('The run does not get to its end');
    if (stage.wrong) throw stage.wrong;
    stage.rules.afterEvent();
  };
  if (stage.rules.head.head.fleet === 'event') {
    for (let i = 0; i < WORKERS; i++) stage.startWorker();
  }
  stage.startWatchdog();
  for (const start of starts) stage.startCoordinator(start);
  const isOver = () =>
    stage.rules.head.head.status === 'finished' && stage.running('coordinator').length === 0;
  while (!isOver()) {
    stage.causeFaults();
    stage.resumeFailed();
    await step();
  }
  for (const actor of stage.actors) if (actor.state === 'running') scheduler.kill(actor);
  while (scheduler.isBusy) await step();
  const { store, queues } = stage.portsOf(stage.add('watchdog'));
  let swept = false;
  const sweeping = watchOver(store, queues, async () => {});
  sweeping.finally(() => {
    swept = true;
  });
  while (!swept) await step();
  await sweeping;
  stage.rules.atEnd();
}
