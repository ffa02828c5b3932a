import {
  type Delivery,
  type Message,
  type Queue,
  QueueNotFoundError,
  type QueueService,
} from '../lib/queue/queue.ts';
import type { Actor } from './actor.ts';
import type { Choices } from './choices.ts';
import { MemoryQueue } from './memory-queue.ts';
import type { Scheduler } from './scheduler.ts';

/** Learns of every change of a queue, just after it took effect. */
export interface QueueObserver {
  /** An actor makes a queue; it may be there already. */
  creatingQueue(actor: Actor, name: string): void;
  sent(actor: Actor, queue: string, messages: readonly Message[]): void;
  received(actor: Actor, queue: string, deliveries: readonly Delivery[]): void;
}

/** The queues of a model. */
export class SimulatedQueues {
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #scheduler: Scheduler;
  readonly #choices: Choices;
  readonly #observer: QueueObserver;
  readonly #duplicated: () => boolean;

  /** @param duplicated asked for each delivery: whether the message may be delivered again at once */
  constructor(
    scheduler: Scheduler,
    choices: Choices,
    observer: QueueObserver,
    duplicated: () => boolean,
  ) {
    this.#scheduler = scheduler;
    this.#choices = choices;
    this.#observer = observer;
    this.#duplicated = duplicated;
  }

  /** The queue as it is; undefined when there is none. */
  find(name: string): MemoryQueue | undefined {
    return this.#queues.get(name);
  }

  /** Remove a queue, at once and behind everybody's back. */
  drop(name: string): void {
    this.#queues.delete(name);
  }

  names(): string[] {
    return [...this.#queues.keys()].sort();
  }

  add(queue: MemoryQueue): void {
    this.#queues.set(queue.name, queue);
  }

  /** The queues as an actor sees them: each operation waits for the scheduler. */
  servedTo(actor: Actor): QueueService {
    const perform = <T>(label: string, effect: () => T) =>
      this.#scheduler.perform(actor, { label, effect });
    return {
      open: (name) => this.#open(actor, name),
      create: async (name, settings) => {
        await perform(`create queue ${name}`, () => {
          this.#observer.creatingQueue(actor, name);
          if (!this.#queues.has(name)) this.#queues.set(name, new MemoryQueue(name, settings));
        });
        return this.#open(actor, name);
      },
      remove: (name) => perform(`remove queue ${name}`, () => void this.#queues.delete(name)),
      list: (prefix) =>
        perform(`list queues ${prefix}`, () => this.names().filter((n) => n.startsWith(prefix))),
    };
  }

  #open(actor: Actor, name: string): Queue {
    const perform = <T>(what: string, effect: (queue: MemoryQueue) => T) =>
      this.#scheduler.perform(actor, {
        label: `${what} ${name}`,
        effect: () => effect(this.#get(name)),
      });
    return {
      name,
      send: (messages) =>
        perform(`send ${messages.length} to`, (queue) => {
          queue.send(messages);
          this.#observer.sent(actor, name, messages);
        }),
      receive: ({ max, waitMs }) => this.#receive(actor, name, max, waitMs),
      acknowledge: (receipts) =>
        perform(`acknowledge ${receipts.length} of`, (queue) => void queue.acknowledge(receipts)),
      extend: (receipt, ms) =>
        perform('extend', (queue) => queue.extend(receipt, this.#scheduler.now + ms)),
    };
  }

  #receive(actor: Actor, name: string, max: number, waitMs: number): Promise<Delivery[]> {
    const until = this.#scheduler.now + waitMs;
    return this.#scheduler.perform(actor, {
      label: `receive from ${name}`,
      ready: () => {
        const { now } = this.#scheduler;
        return now >= until || (this.#queues.get(name)?.hasVisible(now) ?? true);
      },
      due: () => Math.min(until, this.#queues.get(name)?.nextVisibleAt() ?? until),
      effect: () => {
        const { now } = this.#scheduler;
        const queue = this.#get(name);
        const deliveries = queue.receive(now, max, this.#choices, this.#duplicated);
        this.#observer.received(actor, name, deliveries);
        return deliveries;
      },
    });
  }

  #get(name: string): MemoryQueue {
    const queue = this.#queues.get(name);
    if (!queue) throw new QueueNotFoundError(name);
    return queue;
  }
}
