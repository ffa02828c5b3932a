import type { Message, Queue } from '../../queue/queue.ts';
import { describeJob, type Job, roundOf, type Success, workMs } from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import { JobFailedError } from '../errors.ts';
import type { RunEventBus } from '../events.ts';
import type { RunConfig } from '../record/config.ts';
import { firstLimitMs, Patience } from './patience.ts';

const MAX_ATTEMPTS = 5;
/** The first score trains a classifier. It may take as long as a lane of this many iterations. */
const SCORE_ITERATIONS = 240;
/** The share of jobs of which a second copy is sent, at most. */
const HEDGED_SHARE = 0.05;

/** What to do about jobs that never end: workers that hang are ended with the run. */
const LATE_HINT =
  'A job has a time limit. See whether a loss of your own program never ends, or use smaller shards.';

/** How long a run's first jobs may take, whatever their kind, before they count as lost. */
export function longestFirstLimitMs({
  localIterations,
  scoreEvery,
}: Pick<RunConfig, 'localIterations' | 'scoreEvery'>): number {
  return firstLimitMs(Math.max(1, localIterations, scoreEvery > 0 ? SCORE_ITERATIONS : 1));
}

/** A job that is out. */
export interface PendingJob {
  readonly job: Job;
  attempts: number;
  readonly firstSentAt: number;
  /** The last time, but for a second copy. */
  sentAt: number;
  hedged: boolean;
}

/** What jobs are sent with. */
export interface SenderContext {
  readonly jobs: Queue;
  readonly clock: Clock;
  readonly events: RunEventBus;
}

/**
 * Sends jobs: for the first time, again after a failure or a delay, and a second copy of slow ones.
 */
export class JobSender {
  readonly #context: SenderContext;
  /** By kind: how long a sample grid takes says nothing about a lane. */
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
    return jobs.map((job) => ({
      job,
      attempts: 1,
      firstSentAt: sentAt,
      sentAt,
      hedged: false,
    }));
  }

  /**
   * Learn from an answer how long its job took. If the job was sent again meanwhile, the worker's
   * own time shows that the job was long, and not lost.
   */
  observe({ job, sentAt }: PendingJob, { timing }: Success): void {
    const ms = Math.max(this.#context.clock.now() - sentAt, workMs(timing));
    this.#patienceWith(job.kind).observe(ms, iterationsOf(job));
  }

  /** Milliseconds from sending a job until it has to be looked at. */
  patienceMs(job: Job): number {
    return this.#patienceWith(job.kind).hedgeMs(iterationsOf(job));
  }

  /** Send again the jobs that count as lost. @throws JobFailedError after too many attempts */
  async sendLate(pending: Iterable<PendingJob>): Promise<void> {
    const now = this.#context.clock.now();
    for (const entry of pending) {
      const limit = this.#patienceWith(entry.job.kind).limitMs(iterationsOf(entry.job));
      if (now - entry.sentAt <= limit) continue;
      await this.sendAgain(entry, `no answer for ${Math.round(limit / 1000)} s`, true);
    }
  }

  /** Send second copies of jobs that are slower than most. The first answer counts. */
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
  async sendAgain(entry: PendingJob, reason: string, late = false): Promise<void> {
    const { round, index } = roundOf(entry.job);
    if (entry.attempts >= MAX_ATTEMPTS) {
      throw new JobFailedError(
        `${describeJob(entry.job)} failed ${entry.attempts} times; the last time: ${reason}`,
        late ? { hint: LATE_HINT } : {},
      );
    }
    entry.attempts++;
    entry.sentAt = this.#context.clock.now();
    await this.#context.jobs.send([jobMessage({ ...entry.job, attempt: entry.attempts })]);
    const { attempts: attempt } = entry;
    await this.#context.events.emit('resent', { round, index, attempt, reason, late });
  }
}

/** How many iterations' work a job is. */
function iterationsOf(job: Job): number {
  if (job.kind === 'score') return SCORE_ITERATIONS;
  return job.kind === 'local' ? job.iterations : 1;
}

function jobMessage(job: Job): Message {
  return { body: JSON.stringify(job), group: job.runId };
}
