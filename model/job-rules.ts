import type { Delivery, Message } from '../lib/queue/queue.ts';
import type { Head } from '../lib/run/record/head.ts';
import { allJobQueues, jobQueue } from '../lib/run/record/keys.ts';
import {
  type GradientJob,
  type Job,
  type LocalJob,
  type Reply,
  roundOf,
} from '../lib/wire/messages.ts';
import type { Actor } from './actor.ts';
import { NETWORKS, PHASES, versionAt } from './duel-program.ts';
import type { ObjectRules } from './object-rules.ts';
import { Violation } from './scheduler.ts';
import type { ScoreRules } from './score-rules.ts';

/** The queue of jobs of all runs. */
export const JOBS = 'jobs';

/** Whether jobs are sent to a queue: that one, or one of a coordinator's own. */
export function isJobs(queue: string): boolean {
  return queue === JOBS || queue.startsWith(allJobQueues);
}

/** What the rules of jobs need to know of the rest. */
export interface JobSurroundings {
  readonly objects: ObjectRules;
  readonly scores: ScoreRules;
  /** The name of the weights that images are drawn with. */
  readonly drawn: string;
  readonly shards: number;
  readonly localIterations: number;
  /** Whether coordinators have queues of jobs of their own. */
  readonly isResident: boolean;
  readonly objectExists: (key: string) => boolean;
  readonly head: () => Head;
  /** See `HeadRules.epochOf`. */
  readonly epochOf: (actor: Actor) => number | undefined;
  readonly queueExists: (name: string) => boolean;
  /** The bodies of the jobs that are in the queue, hidden ones included. */
  readonly queued: () => string[];
  /** Whether an actor may still do what it was about to. */
  readonly mayGoOn: (actor: Actor) => boolean;
}

interface OpenJob {
  readonly job: Job;
  /** Workers to whom it has been delivered. */
  readonly holders: Set<Actor>;
}

/** Jobs come in order, at the right weights, and none is lost; answers reach who asked. */
export class JobRules {
  readonly #around: JobSurroundings;
  readonly #steps = new Map<number, number>();
  readonly #collected = new Map<string, Set<number>>();
  readonly #queueMakers = new Map<string, Actor>();
  /** Jobs that are not answered, by the body of their message. */
  readonly #open = new Map<string, OpenJob>();
  readonly #answered = new Set<string>();

  constructor(around: JobSurroundings) {
    this.#around = around;
  }

  creatingQueue(actor: Actor, name: string): void {
    const maker = this.#queueMakers.get(name);
    if (maker && maker.role !== 'user')
      throw new Violation(`${actor.name} makes queue ${name}, which is ${maker.name}'s`);
    this.#queueMakers.set(name, actor);
  }

  sent(actor: Actor, queue: string, messages: readonly Message[]): void {
    for (const message of messages) {
      if (isJobs(queue)) this.#jobSent(actor, message.body);
      else this.#answer(JSON.parse(message.body) as Reply, message.payload);
    }
  }

  received(actor: Actor, queue: string, deliveries: readonly Delivery[]): void {
    if (isJobs(queue)) {
      for (const { holders } of this.#open.values()) holders.delete(actor); // it is done with it
      for (const { body } of deliveries) this.#open.get(body)?.holders.add(actor);
      return;
    }
    for (const { body } of deliveries) {
      const reply = JSON.parse(body) as Reply;
      if (reply.epoch !== this.#around.epochOf(actor)) {
        throw new Violation(`${actor.name} received an answer to epoch ${reply.epoch}`);
      }
      if (reply.kind === 'success') this.#collectedOf(reply.epoch, reply.round).add(reply.index);
    }
  }

  /** Nothing that a job of the lease's holder names may go while it is not answered. */
  removed(actor: Actor, keys: readonly string[]): void {
    for (const { job } of this.#open.values()) {
      if (job.epoch !== this.#around.head().epoch) continue;
      const lost = neededBy(job).find(({ key }) => keys.includes(key));
      if (lost) throw new Violation(`${actor.name} removed ${lost.key}, which a job still needs`);
    }
  }

  /** A job that somebody waits for is in the queue, or with a worker that may still answer it. */
  requireNoneLost(): void {
    if (this.#open.size === 0) return;
    const queued = this.#around.queued();
    for (const [body, { job, holders }] of this.#open) {
      if (!this.#isWaitedFor(job)) this.#open.delete(body);
      else if (!queued.includes(body) && ![...holders].some(this.#around.mayGoOn)) {
        throw new Violation(`The job ${nameOf(job)} is lost: nobody has it`);
      }
    }
  }

  /** Nobody waits for an answer to a queue that is gone, or for a job that went with its queue. */
  #isWaitedFor({ replyTo, runId, epoch }: Job): boolean {
    const { queueExists, isResident } = this.#around;
    return queueExists(replyTo) && (!isResident || queueExists(jobQueue(runId, epoch)));
  }

  #jobSent(actor: Actor, body: string): void {
    const job = JSON.parse(body) as Job;
    if (job.epoch !== this.#around.epochOf(actor)) {
      throw new Violation(`${actor.name} sent a job of epoch ${job.epoch}, which is not its own`);
    }
    if (job.kind === 'gradient') this.#requireOrder(job, 'step', job.step);
    else if (job.kind === 'local') this.#requireRound(job);
    else this.#requireWeights(job, 'G', this.#around.drawn, job.iteration * PHASES.length);
    if (!this.#answered.has(nameOf(job))) this.#open.set(body, { job, holders: new Set() });
  }

  /** A lane goes on from the state that it ended the round before with; so do the weights. */
  #requireRound(job: LocalJob): void {
    const { averaging, lane, iteration, state } = job;
    const { localIterations, objectExists } = this.#around;
    const place = averaging === 0 ? undefined : `/lanes/${averaging - 1}/${lane}-e`;
    if (iteration !== averaging * localIterations) {
      throw new Violation(`Round ${averaging} begins with iteration ${iteration}`);
    }
    // A coordinator that has been replaced may name what its successor removed: nobody waits for it.
    const counts = job.epoch === this.#around.head().epoch;
    const isLost = counts && state !== null && !objectExists(state.key);
    if ((place ? !state?.key.includes(place) : state !== null) || isLost) {
      throw new Violation(
        `Round ${averaging} is sent with the state ${state?.key} for lane ${lane}`,
      );
    }
    this.#requireOrder(job, 'local', averaging);
  }

  /** @param number of the round, from 0; what is called a step is one where each is averaged */
  #requireOrder(job: GradientJob | LocalJob, kind: 'step' | 'local', number: number): void {
    const { epoch } = job;
    const { shards, head, localIterations } = this.#around;
    const step = job.kind === 'local' ? job.iteration * PHASES.length : job.step;
    const iteration = head().checkpoint?.iteration ?? 0;
    const start = kind === 'local' ? iteration / localIterations : iteration * PHASES.length;
    const last = this.#steps.get(epoch) ?? (epoch === head().epoch ? start - 1 : number - 1);
    const collected = this.#collectedOf(epoch, `${kind}-${last}`).size;
    const isNext = number === last + 1 && (collected === shards || !this.#steps.has(epoch));
    if (number !== last && !isNext) {
      throw new Violation(`Round ${kind}-${number} was sent with ${collected} answers to ${last}`);
    }
    this.#steps.set(epoch, number);
    for (const network of NETWORKS) this.#requireWeights(job, network, network, step);
  }

  /** A job that belongs before a step names the network's weights as they are then. */
  #requireWeights({ weights }: Job, network: string, name: string, step: number): void {
    const version = versionAt(network, step);
    const key = weights[network]?.key ?? '';
    const isRight = new RegExp(`/weights/${name}/${version}\\D`).test(key);
    if (isRight && this.#around.objects.writerOf(key)) return;
    throw new Violation(`Step ${step} is sent with ${key}, not with version ${version} of ${name}`);
  }

  #answer(reply: Reply, payload: Uint8Array | undefined): void {
    const { round, index, epoch } = reply;
    const name = `e${epoch}/${round}/${index}`;
    if (reply.kind === 'success') this.#answered.add(name);
    this.#around.scores.answered(reply);
    if (payload) this.#around.objects.requireSame(`answer/${round}/${index}`, payload);
    for (const [body, { job }] of this.#open) if (nameOf(job) === name) this.#open.delete(body);
  }

  #collectedOf(epoch: number, round: string): Set<number> {
    const name = `${epoch}/${round}`;
    const collected = this.#collected.get(name) ?? new Set();
    this.#collected.set(name, collected);
    return collected;
  }
}

/** Objects that a worker reads for a job. */
function neededBy(job: Job): { readonly key: string }[] {
  const state = job.kind === 'local' && job.state ? [job.state] : [];
  return [...Object.values(job.weights), ...state];
}

function nameOf(job: Job): string {
  const { round, index } = roundOf(job);
  return `e${job.epoch}/${round}/${index}`;
}
