import { type Failure, type Job, type Reply, roundOf, type Success } from '../../wire/messages.ts';
import { JobFailedError } from '../errors.ts';
import type { JobTrace } from '../step-trace.ts';
import { type Answer, Inbox, type InboxContext } from './inbox.ts';
import { JobSender, type PendingJob, type SenderContext } from './job-sender.ts';
import { traceJob } from './trace-job.ts';

/**
 * How many jobs may be out, counted from the first unanswered one. Bounds the answers held early.
 */
const WINDOW = 64;
const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 1000;

/** What rounds of jobs need. */
export interface RoundsContext extends InboxContext, SenderContext {
  /** Called often while waiting: renews the lease. */
  readonly heartbeat: () => Promise<void>;
}

/** Takes a job's answer. What it throws ends the round. */
export type Accept = (index: number, success: Success, bytes: Uint8Array) => void | Promise<void>;

/** When a round may end without all of its answers. */
export interface Quorum {
  /** How many answers are enough. */
  readonly count: number;
  /** Milliseconds to wait for all answers first. */
  readonly afterMs: number;
}

/** The outcome of a round. */
export interface RoundOutcome {
  /** Milliseconds spent on sending the first jobs. */
  readonly dispatchMs: number;
  /** Indices of the jobs that a quorum left out. */
  readonly missing: readonly number[];
  /** The jobs that are traced, in the order in which they were answered. */
  readonly traces: readonly JobTrace[];
}

/** The jobs that are out, by index, in the order in which they were sent. */
type Pending = Map<number, PendingJob>;

/**
 * Sends a round of jobs and collects exactly one answer to each. Copies are dropped. Late and
 * failed jobs are sent again.
 */
export class JobRounds {
  readonly #context: RoundsContext;
  readonly #inbox: Inbox;
  readonly #sender: JobSender;

  constructor(context: RoundsContext) {
    this.#context = context;
    this.#inbox = new Inbox(context);
    this.#sender = new JobSender(context);
  }

  /**
   * @param jobs the round's jobs, in the order of their indices
   * @param quorum when to continue without all of them; default: never
   * @throws JobFailedError when a job cannot be done
   */
  async perform(jobs: readonly Job[], accept: Accept, quorum?: Quorum): Promise<RoundOutcome> {
    const { clock, heartbeat } = this.#context;
    const pending: Pending = new Map();
    const traces: JobTrace[] = [];
    const startedAt = clock.now();
    let sent = await this.#sendNext(jobs, 0, pending);
    const dispatchMs = clock.now() - startedAt;
    const tidied = this.#inbox.tidy();
    const [first] = jobs as [Job, ...Job[]];
    while (pending.size > 0) {
      await heartbeat();
      for (const answer of await this.#inbox.receive(first, this.#waitMs(pending, quorum))) {
        await this.#take(answer, pending, accept, traces);
      }
      if (sent < jobs.length) sent = await this.#sendNext(jobs, sent, pending);
      await this.#sender.sendLate(pending.values());
      await this.#sender.hedge(pending.values());
      const inTime = !quorum || clock.now() - startedAt < quorum.afterMs;
      if (!inTime && jobs.length - pending.size >= quorum.count) break;
    }
    this.#inbox.close();
    await tidied;
    return { dispatchMs, missing: [...pending.keys()], traces };
  }

  /** Send jobs up to the window's end. @returns how many have been sent in all */
  async #sendNext(jobs: readonly Job[], sent: number, pending: Pending): Promise<number> {
    const oldest = pending.keys().next().value ?? sent;
    const next = jobs.slice(sent, oldest + WINDOW);
    for (const entry of await this.#sender.send(next)) {
      pending.set(roundOf(entry.job).index, entry);
    }
    return sent + next.length;
  }

  /** Milliseconds until a late job or the quorum has to be looked at. */
  #waitMs(pending: Pending, quorum: Quorum | undefined): number {
    const [oldest] = pending.values();
    const waited = this.#context.clock.now() - (oldest?.sentAt ?? 0);
    const patienceMs = oldest ? this.#sender.patienceMs(oldest.job) : Number.POSITIVE_INFINITY;
    const until = Math.min(patienceMs, quorum?.afterMs ?? Number.POSITIVE_INFINITY);
    return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, until - waited));
  }

  async #take(
    { message, payload, receivedAt }: Answer,
    pending: Pending,
    accept: Accept,
    traces: JobTrace[],
  ): Promise<void> {
    const { events, clock } = this.#context;
    const entry = pending.get(message.index);
    if (!entry) {
      await events.emit('dropped', { reason: `copy for ${message.round}/${message.index}` });
      return;
    }
    if (message.kind === 'failure') return this.#retry(entry, message);
    const bytes = await this.#inbox.bytesOf(message, payload);
    if (!bytes) return this.#sender.sendAgain(entry, damaged(message));
    this.#sender.observe(entry, message);
    pending.delete(message.index);
    const takenAt = clock.now();
    await accept(message.index, message, bytes);
    if (entry.job.trace) {
      const at = { receivedAt, takenAt, summedAt: clock.now() };
      traces.push(traceJob(entry, message, at));
    }
    await events.emit('answered', message);
  }

  async #retry(entry: PendingJob, { error, retryable }: Failure): Promise<void> {
    if (!retryable) throw new JobFailedError(error.message);
    await this.#sender.sendAgain(entry, error.message);
  }
}

function damaged({ round, index }: Reply): string {
  return `the answer for ${round}/${index} was damaged on its way`;
}
