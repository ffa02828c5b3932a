import type { Queue } from '../../queue/queue.ts';
import { describeJob, type Job, roundOf, type Success, workMs } from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import { JobFailedError } from '../errors.ts';
import type { RunEventBus } from '../events.ts';
import { Patience } from './patience.ts';

const MAX_ATTEMPTS = 5;
/** The first score trains a classifier: it is waited for as for a lane of so many iterations, five minutes. */
const SCORE_ITERATIONS = 240;
/** Second copies of slow jobs, at most so many for each job. */
const HEDGED_SHARE = 0.05;

/** A job that is out. */
export interface PendingJob {
  readonly job: Job;
  attempts: number;
  sentAt: number;
  hedged: boolean;
}

/** What jobs are sent with. */
export interface SenderContext {
  readonly jobs: Queue;
  readonly clock: Clock;
  readonly events: RunEventBus;
}

/** Sends jobs: for the first time, again where one is late or has failed, and twice where one is slow. */
export class JobSender {
  readonly #context: SenderContext;
  /** By kind: a sample grid tells nothing of how long a lane takes. */
  readonly #patience = new Map<Job['kind'], Patience>();
  #sent = 0;
  #hedged = 0;

  constructor(context: SenderContext) {
    this.#context = context;
  }

  #patienceWith(kind: Job['kind']): Patience {
    const patience = this.#patience.get(kind) ?? new Patience();
    this.#patience.set(kind, patience);
    return patience;
  }

  /** Send jobs for the first time. */
  async send(jobs: readonly Job[]): Promise<PendingJob[]> {
    const sentAt = this.#context.clock.now();
    this.#sent += jobs.length;
    if (jobs.length > 0) await this.#context.jobs.send(jobs.map(jobMessage));
    return jobs.map((job) => ({ job, attempts: 1, sentAt, hedged: false }));
  }

  /**
   * A job's answer is in: learn how long it took. Where it was sent again meanwhile, the worker's own
   * time tells that it was not late but long.
   */
  observe({ job, sentAt }: PendingJob, { timing }: Success): void {
    const ms = Math.max(this.#context.clock.now() - sentAt, workMs(timing));
    this.#patienceWith(job.kind).observe(ms, iterationsOf(job));
  }

  /** Milliseconds until this job may have to be seen to, from when it was sent. */
  patienceMs(job: Job): number {
    return this.#patienceWith(job.kind).hedgeMs(iterationsOf(job));
  }

  /** Send the jobs again that are taken for lost. @throws JobFailedError after too many attempts */
  async sendLate(pending: Iterable<PendingJob>): Promise<void> {
    const now = this.#context.clock.now();
    for (const entry of pending) {
      const limit = this.#patienceWith(entry.job.kind).limitMs(iterationsOf(entry.job));
      if (now - entry.sentAt <= limit) continue;
      await this.sendAgain(entry, `no answer for ${Math.round(limit / 1000)} s`);
    }
  }

  /** Send second copies of jobs that are slower than most were: the first answer counts. */
  async hedge(pending: Iterable<PendingJob>): Promise<void> {
    const now = this.#context.clock.now();
    for (const entry of pending) {
      if (entry.hedged || now - entry.sentAt <= this.patienceMs(entry.job)) continue;
      if (this.#hedged + 1 > HEDGED_SHARE * this.#sent) return;
      this.#hedged++;
      entry.hedged = true;
      entry.attempts++;
      const { round, index } = roundOf(entry.job);
      await this.#context.jobs.send([jobMessage({ ...entry.job, attempt: entry.attempts })]);
      await this.#context.events.emit('hedged', { round, index, attempt: entry.attempts });
    }
  }

  /** @throws JobFailedError after too many attempts */
  async sendAgain(entry: PendingJob, reason: string): Promise<void> {
    const { round, index } = roundOf(entry.job);
    if (entry.attempts >= MAX_ATTEMPTS) {
      throw new JobFailedError(
        `${describeJob(entry.job)} failed ${entry.attempts} times; the last time: ${reason}`,
      );
    }
    entry.attempts++;
    entry.sentAt = this.#context.clock.now();
    await this.#context.jobs.send([jobMessage({ ...entry.job, attempt: entry.attempts })]);
    await this.#context.events.emit('resent', { round, index, attempt: entry.attempts, reason });
  }
}

/** How many iterations' work a job is. */
function iterationsOf(job: Job): number {
  if (job.kind === 'score') return SCORE_ITERATIONS;
  return job.kind === 'local' ? job.iterations : 1;
}

function jobMessage(job: Job): { body: string } {
  return { body: JSON.stringify(job) };
}
