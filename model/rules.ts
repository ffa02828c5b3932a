import type { Delivery, Message } from '../lib/queue/queue.ts';
import type { RunConfig } from '../lib/run/record/config.ts';
import type { Head } from '../lib/run/record/head.ts';
import { allJobQueues, allRepliesQueues, averageFile, runKeys } from '../lib/run/record/keys.ts';
import type { Actor } from './actor.ts';
import { HeadRules } from './head-rules.ts';
import { isJobs, JobRules } from './job-rules.ts';
import type { MemoryObjects } from './memory-objects.ts';
import { isGenerator, ObjectRules, type Reference } from './object-rules.ts';
import { type Scheduler, Violation } from './scheduler.ts';
import { ScoreRules } from './score-rules.ts';
import type { QueueObserver, SimulatedQueues } from './simulated-queues.ts';
import type { StoreObserver } from './simulated-store.ts';

/** What the rules judge. */
export interface Judged {
  readonly scheduler: Scheduler;
  readonly objects: MemoryObjects;
  readonly queues: () => SimulatedQueues;
  readonly config: RunConfig;
  /** The head as the run begins with it. */
  readonly head: Head;
  readonly reference: Reference;
  /** Whether this is the undisturbed run that others are compared with. */
  readonly recording: boolean;
}

/** All invariants of the design: the checker asks after each event whether they hold. */
export class Rules implements StoreObserver, QueueObserver {
  readonly head: HeadRules;
  readonly #objects: ObjectRules;
  readonly #jobs: JobRules;
  readonly #scores: ScoreRules;
  readonly #judged: Judged;

  constructor(judged: Judged) {
    const { scheduler, objects, queues, config, reference, recording } = judged;
    this.#judged = judged;
    this.head = new HeadRules(objects, () => scheduler.now, judged.head);
    const drawn = config.emaHalfLife > 0 ? averageFile('G') : 'G';
    this.#objects = new ObjectRules(reference, recording, drawn);
    this.#scores = new ScoreRules(objects, this.#objects, config);
    this.#jobs = new JobRules({
      objects: this.#objects,
      scores: this.#scores,
      drawn,
      shards: config.shards,
      localIterations: config.localIterations,
      objectExists: (key) => objects.has(key),
      head: () => this.head.head,
      epochOf: (actor) => this.head.epochOf(actor),
      queueExists: (name) => queues().find(name) !== undefined,
      isResident: judged.head.fleet === 'resident',
      queued: () =>
        queues()
          .names()
          .filter(isJobs)
          .flatMap((name) => [...(queues().find(name)?.entries ?? [])])
          .map(({ message }) => message.body),
      mayGoOn: (actor) => actor.state === 'running' || scheduler.isExpecting(actor),
    });
  }

  creating(actor: Actor, key: string, bytes: Uint8Array): void {
    this.#objects.creating(actor, key, bytes);
    if (isGenerator(key) && !this.#judged.objects.has(key)) this.#scores.stored(key, bytes);
  }

  replaced(actor: Actor, key: string, bytes: Uint8Array): void {
    if (!isGenerator(key)) {
      this.head.replaced(actor, key, bytes);
      return;
    }
    this.#objects.generator(key, bytes);
    this.#scores.stored(key, bytes);
  }

  removed(actor: Actor, keys: readonly string[]): void {
    this.head.requireCheckpoint();
    this.#jobs.removed(actor, keys);
  }

  creatingQueue(actor: Actor, name: string): void {
    this.#jobs.creatingQueue(actor, name);
  }

  sent(actor: Actor, queue: string, messages: readonly Message[]): void {
    this.#jobs.sent(actor, queue, messages);
  }

  received(actor: Actor, queue: string, deliveries: readonly Delivery[]): void {
    this.#jobs.received(actor, queue, deliveries);
  }

  /** After each event. @throws Violation */
  afterEvent(): void {
    this.#jobs.requireNoneLost();
  }

  /** An actor ended by itself: a coordinator that holds the lease may not give up, nor anyone else. */
  ended(actor: Actor, error: unknown): void {
    if (error === undefined) return;
    const { name } = error instanceof Error ? error : { name: '' };
    if (['RunBusyError', 'LeaseLostError', 'RunEndedError'].includes(name)) return;
    const epoch = this.head.epochOf(actor);
    if (epoch !== undefined && epoch < this.head.head.epoch) return;
    if (epoch !== undefined && this.head.isHindered(epoch)) return;
    throw new Violation(`${actor.name} gave up: ${String(error)}`, { cause: error });
  }

  /** When all is over. @throws Violation */
  atEnd(): void {
    const { objects, queues, config } = this.#judged;
    const { status, checkpoint, lease } = this.head.head;
    if (status !== 'finished' || lease || checkpoint?.iteration !== config.iterations) {
      throw new Violation(`The run ends as ${JSON.stringify(this.head.head)}`);
    }
    this.#scores.atEnd();
    const left = queues()
      .names()
      .filter((name) => name.startsWith(allRepliesQueues) || name.startsWith(allJobQueues));
    if (left.length > 0) throw new Violation(`Queues are left: ${left.join(', ')}`);
    for (const { key } of objects.list(runKeys.allWeights(config.runId))) {
      const writer = this.#objects.writerOf(key);
      if (writer?.state === 'ended') throw new Violation(`${writer.name} left ${key} behind`);
    }
  }
}
