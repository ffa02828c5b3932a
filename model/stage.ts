import type { ResidentTask } from '../lib/run/coordinator/resident-fleet.ts';
import type { RunConfig } from '../lib/run/record/config.ts';
import { jobQueue, repliesQueue } from '../lib/run/record/keys.ts';
import { Actor, type Role } from './actor.ts';
import { coordinate, type Ports, resume, stay, watch, work } from './cast.ts';
import type { Choices } from './choices.ts';
import { type Fault, Faults } from './faults.ts';
import { JOBS } from './job-rules.ts';
import { MemoryQueue } from './memory-queue.ts';
import { type Judged, Rules } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { simulatedClock } from './simulated-clock.ts';
import { SimulatedQueues } from './simulated-queues.ts';
import { simulatedStore } from './simulated-store.ts';

const JOB_VISIBILITY_MS = 30_000;
/** A crashed worker's successor comes within so many events. */
const SOON = 120;
const SHORTEST_PAUSE = 4;
const PAUSE_DOUBLINGS = 8;
const DELAYS_MS = [1000, 5000, 11_000, 31_000, 60_000];
const SPEEDS = [0.01, 0.2, 1, 1, 5];
const CLOCKS_DIFFER_MS = 1_000_000;

/** All that take part in a run, what they share, and what befalls them. */
export class Stage {
  readonly rules: Rules;
  readonly queues: SimulatedQueues;
  readonly actors: Actor[] = [];
  /** What was found to be wrong outside of an event. */
  wrong: unknown;
  readonly #judged: Omit<Judged, 'queues'>;
  readonly #scenario: Scenario;
  readonly #config: RunConfig;
  readonly #choices: Choices;
  readonly #faults: Faults;

  constructor(judged: Omit<Judged, 'queues'>, scenario: Scenario, choices: Choices) {
    this.#judged = judged;
    this.#config = judged.config;
    this.#scenario = scenario;
    this.#choices = choices;
    this.#faults = new Faults(choices, scenario);
    this.rules = new Rules({ ...judged, queues: () => this.queues });
    const { duplicated } = this.#faults;
    this.queues = new SimulatedQueues(judged.scheduler, choices, this.rules, duplicated);
    this.queues.add(new MemoryQueue(JOBS, { visibilityMs: JOB_VISIBILITY_MS }));
    // Whoever starts a run makes this, so that the watchdog knows of it from the beginning.
    this.queues.add(new MemoryQueue(repliesQueue(this.#config.runId, 0), { visibilityMs: 0 }));
  }

  /** Start a coordinator, which does nothing for so many events. */
  startCoordinator(pause = 0): void {
    const actor = this.add('coordinator', pause);
    const handOver = { isDue: this.#faults.handsOver, start: this.#starting(actor) };
    const start = (task: ResidentTask) => this.#startingResident(actor, task);
    const residents = { max: Number.POSITIVE_INFINITY, start };
    const { runId } = this.#config;
    this.#run(actor, coordinate(this.portsOf(actor), runId, handOver, residents));
  }

  /** Start workers of a coordinator's own: one, or as many as a fault says. */
  startResidents(task: ResidentTask): void {
    for (let i = this.#faults.workersOfStart(); i > 0; i--) {
      const actor = this.add('worker');
      const start = () => this.#startingResident(actor, task);
      const leaving = { isDue: this.#faults.isSucceeded, start };
      this.#run(actor, stay(this.portsOf(actor), this.#scenario.inline, task, leaving));
    }
  }

  startWorker(pause = 0): void {
    const actor = this.add('worker', pause);
    this.#run(actor, work(this.portsOf(actor), this.#scenario.inline));
  }

  startWatchdog(pause = 0): void {
    const actor = this.add('watchdog', pause);
    this.#run(actor, watch(this.portsOf(actor), this.#starting(actor)));
  }

  add(role: Role, pause = 0): Actor {
    const number = 1 + this.actors.filter((actor) => actor.role === role).length;
    const actor = new Actor(role, `${role}-${number}`, this.#choices.below(CLOCKS_DIFFER_MS));
    actor.pausedUntil = this.#judged.scheduler.events + pause;
    this.actors.push(actor);
    return actor;
  }

  portsOf(actor: Actor): Ports {
    const { scheduler, objects } = this.#judged;
    const { answerIsLost } = this.#faults;
    return {
      name: actor.name,
      store: simulatedStore(scheduler, objects, this.rules, actor, answerIsLost),
      queues: this.queues.servedTo(actor),
      clock: simulatedClock(scheduler, actor),
    };
  }

  /** Those of a role that neither ended nor crashed. */
  running(role: Role): Actor[] {
    return this.actors.filter((actor) => actor.role === role && actor.state === 'running');
  }

  /** Cause the faults that are due. */
  causeFaults(): void {
    const { scheduler } = this.#judged;
    for (;;) {
      const fault = this.#faults.next(scheduler.events);
      if (!fault) return;
      const whom = this.#cause(fault);
      scheduler.note(`! ${fault} ${whom}`, -2);
    }
  }

  /** Whoever sees that a run has failed goes on with it. */
  resumeFailed(): void {
    if (this.rules.head.head.status !== 'failed') return;
    if (this.running('coordinator').length > 0 || this.running('user').length > 0) return;
    const actor = this.add('user');
    this.#run(actor, resume(this.portsOf(actor), this.#config.runId, this.#starting(actor)));
  }

  #starting(actor: Actor): () => Promise<void> {
    const { scheduler } = this.#judged;
    const effect = () => this.startCoordinator();
    return () => scheduler.perform(actor, { label: 'start a coordinator', effect });
  }

  #startingResident(actor: Actor, task: ResidentTask): Promise<void> {
    const { scheduler } = this.#judged;
    const effect = () => this.startResidents(task);
    return scheduler.perform(actor, { label: `start worker ${task.worker}`, effect });
  }

  #run(actor: Actor, life: Promise<unknown>): void {
    const end = (error?: unknown) => {
      actor.state = 'ended';
      try {
        this.rules.ended(actor, error);
      } catch (violation) {
        this.wrong ??= violation;
      }
    };
    life.then(() => end(), end);
  }

  /** @returns to whom it happened */
  #cause(fault: Fault): string {
    const { scheduler } = this.#judged;
    switch (fault) {
      case 'crash coordinator':
        return this.#crash('coordinator');
      case 'crash worker': {
        if (this.#scenario.resident) return this.#crash('worker'); // their coordinator sees to it
        if (!this.#canSpareWorker) return 'nobody';
        this.startWorker(this.#choices.below(SOON));
        return this.#crash('worker');
      }
      case 'crash watchdog': {
        const name = this.#crash('watchdog');
        this.startWatchdog();
        return name;
      }
      case 'pause':
        return this.#pause();
      case 'delay':
        scheduler.now += this.#choices.pick(DELAYS_MS);
        return `until ${scheduler.now}`;
      case 'change speeds':
        for (const actor of this.actors) actor.speed = this.#choices.pick(SPEEDS);
        return 'of all';
      case 'start coordinator':
        this.startCoordinator();
        return '';
      case 'remove job queue':
        return this.#removeJobQueue();
    }
  }

  /** Its run then fails, and is resumed by whoever sees that. */
  #removeJobQueue(): string {
    const { epoch, status } = this.rules.head.head;
    const name = jobQueue(this.#config.runId, epoch);
    if (status !== 'running' || !this.queues.find(name)) return 'of nobody';
    this.queues.drop(name);
    this.rules.head.hinder();
    return name;
  }

  #crash(role: Role): string {
    const candidates = this.running(role);
    if (candidates.length === 0) return 'nobody';
    const actor = this.#choices.pick(candidates);
    this.#judged.scheduler.kill(actor);
    return actor.name;
  }

  #pause(): string {
    const coordinators = this.running('coordinator');
    const workers = this.#canSpareWorker ? this.running('worker') : [];
    const candidates = [...coordinators, ...coordinators, ...workers, ...this.running('watchdog')];
    const actor = this.#choices.pick(candidates);
    const events = SHORTEST_PAUSE * 2 ** this.#choices.below(PAUSE_DOUBLINGS);
    actor.pausedUntil = this.#judged.scheduler.events + events;
    return `${actor.name} for ${events}`;
  }

  /** With no worker left, a job may be late too often, and its run fail: as it should. */
  get #canSpareWorker(): boolean {
    const { events } = this.#judged.scheduler;
    return this.running('worker').filter(({ pausedUntil }) => pausedUntil <= events).length > 1;
  }
}
