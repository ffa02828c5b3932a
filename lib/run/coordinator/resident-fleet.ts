import type { Queue, QueueService } from '../../queue/queue.ts';
import type { Clock } from '../clock.ts';
import type { RunEventBus } from '../events.ts';
import type { Head } from '../record/head.ts';
import { jobQueue } from '../record/keys.ts';
import type { Fleet } from './fleet.ts';
import { firstLimitMs } from './patience.ts';
import { Roster } from './roster.ts';

/** A job is delivered again after this many times its first limit. Its worker may be gone. */
const LIMITS_OF_VISIBILITY = 2;
/** A job that no worker can do is then a dead letter. */
const MAX_DELIVERIES = 5;

/** What a resident worker is started with. */
export interface ResidentTask {
  /** The queue that it takes jobs from, until that is gone. */
  readonly queue: string;
  /** What its answers say who it is. */
  readonly worker: string;
}

/** Starts resident workers. */
export interface ResidentStarter {
  /** The most that one run may have. */
  readonly max: number;
  /** Ask for a worker. It may never come, or twice, without a word. */
  start(task: ResidentTask): Promise<void>;
}

/** What a resident fleet works with. */
export interface ResidentContext {
  readonly queues: QueueService;
  readonly clock: Clock;
  readonly events: RunEventBus;
  readonly residents: ResidentStarter;
}

/** How many workers a run wants, and how long its jobs are. */
export interface ResidentNeeds {
  readonly size: number;
  readonly localIterations: number;
}

/**
 * Workers of one coordinator's own, which wait on a queue of its own until it removes that. A worker
 * that seems to be lost is replaced. If it was only slow there is one too many for a while, which
 * changes no bits.
 */
export class ResidentFleet implements Fleet {
  readonly jobs: Queue;
  readonly #context: ResidentContext;
  readonly #roster: Roster;

  private constructor(context: ResidentContext, jobs: Queue, size: number) {
    const { events, clock } = context;
    this.jobs = jobs;
    this.#context = context;
    this.#roster = new Roster(size, clock);
    events.on('answered', ({ worker }) => this.#roster.heard(worker));
    events.on('resent', ({ late }) => {
      if (late) this.#roster.jobWasLate();
    });
  }

  /** Make the queue, and ask for all workers. The queue of the coordinator before is removed. */
  static async open(
    context: ResidentContext,
    { runId, epoch }: Pick<Head, 'runId' | 'epoch'>,
    { size, localIterations }: ResidentNeeds,
  ): Promise<ResidentFleet> {
    const { queues, events } = context;
    const jobs = await queues.create(jobQueue(runId, epoch), {
      visibilityMs: LIMITS_OF_VISIBILITY * firstLimitMs(Math.max(1, localIterations)),
      maxDeliveries: MAX_DELIVERIES,
    });
    const fleet = new ResidentFleet(context, jobs, size);
    try {
      await Promise.all([
        queues.remove(jobQueue(runId, epoch - 1)),
        ...fleet.#roster.names().map((worker) => fleet.#start(worker)),
      ]);
    } catch (error) {
      await fleet.close().catch(() => {}); // the error itself matters more
      throw error;
    }
    await events.emit('residents', { size, started: size });
    return fleet;
  }

  /** Replace the workers that seem to be lost. One that cannot be started now is tried again. */
  async tend(): Promise<void> {
    const { events } = this.#context;
    for (const { worker, successor, reason } of this.#roster.replaceLost()) {
      try {
        await this.#start(successor);
      } catch {
        continue; // it will seem to be lost, too
      }
      await events.emit('residents', { size: this.#roster.size, started: 1 });
      await events.emit('replaced', { worker, reason });
    }
  }

  async close(): Promise<void> {
    await this.#context.queues.remove(this.jobs.name);
  }

  #start(worker: string): Promise<void> {
    return this.#context.residents.start({ queue: this.jobs.name, worker });
  }
}
