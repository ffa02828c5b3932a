import type { Actor } from './actor.ts';
import type { Choices } from './choices.ts';

/** Time that passes because nothing happens shortens a pause by an event for so many milliseconds. */
const MS_PER_EVENT = 250;
/** A pause that nothing but time could end ends after so long. */
const PAUSED_MS = 30_000;

/** What an actor does in the world outside of it. */
export interface Operation<T> {
  /** For the trace, as `create weights/D/1-e1.safetensors`. */
  readonly label: string;
  /** What it does, and its answer. What it throws is the answer too. */
  readonly effect: () => T;
  /** Whether it can take effect now. Default: always. */
  readonly ready?: () => boolean;
  /** When it becomes ready by the mere passing of time. */
  readonly due?: () => number;
}

interface Pending {
  readonly id: number;
  readonly actor: Actor;
  readonly operation: Operation<unknown>;
  /** Set once it has taken effect: hands the answer to the actor. */
  answer?: () => void;
  readonly settle: (outcome: () => unknown) => void;
}

/** Something that the checker found to be wrong. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/**
 * Decides what happens next, and when. Every operation of an actor waits here twice: before it takes
 * effect, and before its answer is handed over. Time passes only when nothing else can happen, or as
 * a fault. With the same choices the same things happen in the same order.
 */
export class Scheduler {
  /** Milliseconds of the model's time. */
  now = 0;
  /** Events so far. */
  events = 0;
  /** Names the order of all events so far: equal for equal interleavings. */
  fingerprint = 0x811c9dc5;
  readonly trace: string[] = [];
  readonly #choices: Choices;
  #pending: Pending[] = [];
  #asked = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  /** Ask for an operation on behalf of an actor. @returns its answer, once it is handed over */
  perform<T>(actor: Actor, operation: Operation<T>): Promise<T> {
    if (actor.state === 'crashed') return new Promise(() => {});
    return new Promise<T>((resolve, reject) => {
      const settle = (outcome: () => unknown) => {
        try {
          resolve(outcome() as T);
        } catch (error) {
          reject(error);
        }
      };
      this.#pending.push({ id: this.#asked++, actor, operation, settle });
    });
  }

  /** Let one event happen. @returns whether one could */
  async step(): Promise<boolean> {
    this.events++;
    const ready = this.#pending.filter((pending) => this.#isReady(pending));
    if (ready.length === 0) return this.#passTime();
    const next = this.#choices.pickWeighted(ready, ({ actor }) => actor.speed);
    if (next.answer) {
      this.note(`${next.actor.name} <- ${next.operation.label}`, 2 * next.id + 1);
      this.#drop(next);
      next.answer();
      await settled();
    } else {
      this.note(`${next.actor.name} -> ${next.operation.label}`, 2 * next.id);
      this.#takeEffect(next);
      if (next.actor.state === 'crashed') this.#drop(next);
    }
    return true;
  }

  /** An actor dies. Answers on their way are lost; what it has asked for may still take effect. */
  kill(actor: Actor): void {
    actor.state = 'crashed';
    const survives = (pending: Pending) =>
      !pending.answer && this.#isReady(pending) && this.#choices.chance(0.5);
    this.#pending = this.#pending.filter((pending) => pending.actor !== actor || survives(pending));
  }

  /** Whether anything at all is asked for. */
  get isBusy(): boolean {
    return this.#pending.length > 0;
  }

  /** Whether something that an actor has asked for has not taken effect. */
  isExpecting(actor: Actor): boolean {
    return this.#pending.some((pending) => pending.actor === actor && !pending.answer);
  }

  /** Write an event to the trace. */
  note(what: string, number: number): void {
    this.trace.push(what);
    this.fingerprint = Math.imul(this.fingerprint ^ number, 0x01000193) >>> 0;
  }

  #isReady({ actor, operation, answer }: Pending): boolean {
    if (this.#isPaused(actor)) return false;
    return answer !== undefined || (operation.ready?.() ?? true);
  }

  #takeEffect(pending: Pending): void {
    let outcome: () => unknown;
    try {
      const value = pending.operation.effect();
      outcome = () => value;
    } catch (error) {
      if (error instanceof Violation) throw error;
      this.trace.push(`  failed: ${String(error)}`);
      outcome = () => {
        throw error;
      };
    }
    pending.answer = () => pending.settle(outcome);
  }

  /** Go on to when the next operation is due; who stands still does so for fewer events. */
  #passTime(): boolean {
    const paused = new Set<Actor>();
    let due = Number.POSITIVE_INFINITY;
    for (const { actor, operation, answer } of this.#pending) {
      if (this.#isPaused(actor)) paused.add(actor);
      else if (!answer) due = Math.min(due, operation.due?.() ?? due);
    }
    if (due === Number.POSITIVE_INFINITY && paused.size === 0) return false;
    const passed = Number.isFinite(due) ? Math.max(0, due - this.now) : PAUSED_MS;
    for (const actor of paused) actor.pausedUntil -= Math.ceil(passed / MS_PER_EVENT);
    this.now += passed;
    this.note(`time is ${this.now}`, -1);
    return true;
  }

  #isPaused({ state, pausedUntil }: Actor): boolean {
    return state !== 'crashed' && pausedUntil > this.events;
  }

  #drop(pending: Pending): void {
    this.#pending.splice(this.#pending.indexOf(pending), 1);
  }
}

/** Until all code that can go on has come to its next operation: Node empties its microtasks first. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
