import type { Choices } from './choices.ts';
import type { Scenario } from './scenario.ts';

/** What can be done to a model beside letting it run. */
export type Fault =
  | 'crash coordinator'
  | 'crash worker'
  | 'crash watchdog'
  | 'pause'
  | 'delay'
  | 'change speeds'
  | 'start coordinator'
  | 'remove job queue';

/** Events of a run without faults are about so many; faults come within. */
const EVENTS = 300;

/** When which fault happens, and how much chance there is left for those that are asked for. */
export class Faults {
  readonly #choices: Choices;
  readonly #plan: { readonly at: number; readonly fault: Fault }[];
  #duplicates: number;
  #lostAnswers: number;
  #handOvers: number;
  #lostStarts: number;
  #doubleStarts: number;
  #successions: number;

  constructor(choices: Choices, scenario: Scenario) {
    this.#choices = choices;
    const counts: Record<Fault, number> = {
      'crash coordinator': scenario.coordinatorCrashes,
      'crash worker': scenario.workerCrashes,
      'crash watchdog': scenario.watchdogCrashes,
      pause: scenario.pauses,
      delay: scenario.delays,
      'change speeds': scenario.speedChanges,
      'start coordinator': scenario.extraStarts,
      'remove job queue': scenario.queueRemovals,
    };
    this.#plan = Object.entries(counts)
      .flatMap(([fault, count]) => new Array<Fault>(count).fill(fault as Fault))
      .map((fault) => ({ at: choices.below(EVENTS), fault }))
      .sort((a, b) => a.at - b.at);
    this.#duplicates = scenario.duplicates;
    this.#lostAnswers = scenario.lostAnswers;
    this.#handOvers = scenario.handOvers;
    this.#lostStarts = scenario.lostStarts;
    this.#doubleStarts = scenario.doubleStarts;
    this.#successions = scenario.successions;
  }

  /** The next fault that is due after so many events. */
  next(events: number): Fault | undefined {
    return (this.#plan[0]?.at ?? Number.POSITIVE_INFINITY) <= events
      ? this.#plan.shift()?.fault
      : undefined;
  }

  readonly duplicated = (): boolean => {
    if (this.#duplicates === 0 || !this.#choices.chance(0.1)) return false;
    this.#duplicates--;
    return true;
  };

  readonly answerIsLost = (): boolean => {
    if (this.#lostAnswers === 0 || !this.#choices.chance(0.2)) return false;
    this.#lostAnswers--;
    return true;
  };

  /** How many workers come of one start. */
  readonly workersOfStart = (): number => {
    if (this.#lostStarts > 0 && this.#choices.chance(0.3)) {
      this.#lostStarts--;
      return 0;
    }
    if (this.#doubleStarts === 0 || !this.#choices.chance(0.3)) return 1;
    this.#doubleStarts--;
    return 2;
  };

  readonly isSucceeded = (): boolean => {
    if (this.#successions === 0 || !this.#choices.chance(0.1)) return false;
    this.#successions--;
    return true;
  };

  readonly handsOver = (): boolean => {
    if (this.#handOvers === 0 || !this.#choices.chance(0.3)) return false;
    this.#handOvers--;
    return true;
  };
}
