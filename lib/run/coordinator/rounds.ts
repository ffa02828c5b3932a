import { LambduelError } from '../../errors.ts';
import type { Delivery, Message, Queue } from '../../queue/queue.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import {
  type Failure,
  type Job,
  parseReply,
  type Reply,
  roundOf,
  type Success,
} from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import type { RunEventBus } from '../events.ts';
import { runKeys } from '../record/keys.ts';
import { Patience } from './patience.ts';

/** Jobs that may be out at once, counted from the first that is not in: bounds what is held early. */
const WINDOW = 64;
const MAX_ATTEMPTS = 5;
const RECEIVE_AT_ONCE = 10;
const SHORTEST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 1000;
/** Second copies of slow jobs, at most so many for each job. */
const HEDGED_SHARE = 0.05;

/** A job failed again and again, or in a way that another try would not mend. */
export class JobFailedError extends LambduelError {}

/** What a round of jobs needs. */
export interface RoundsContext {
  readonly store: Store;
  readonly jobs: Queue;
  readonly replies: Queue;
  readonly clock: Clock;
  readonly events: RunEventBus;
  /** Called often while waiting: renews the lease. */
  readonly heartbeat: () => Promise<void>;
  /** Objects that have been read wait until so many can be removed by one request. */
  readonly removedAtOnce: number;
}

/** Takes a job's answer. What it throws ends the round. */
export type Accept = (index: number, success: Success, bytes: Uint8Array) => void | Promise<void>;

/** When a round may end without all of its answers. */
export interface Quorum {
  /** Answers that are enough, */
  readonly count: number;
  /** after so long. */
  readonly afterMs: number;
}

/** What a round came to. */
export interface RoundOutcome {
  /** Milliseconds spent on sending the first jobs. */
  readonly dispatchMs: number;
  /** Indices of the jobs that a quorum went on without. */
  readonly missing: readonly number[];
}

interface Pending {
  readonly job: Job;
  attempts: number;
  sentAt: number;
  hedged: boolean;
}

/**
 * Sends a round of jobs and collects exactly one answer to each: copies are dropped, late and failed
 * jobs are sent again.
 */
export class JobRounds {
  readonly #context: RoundsContext;
  readonly #patience = new Patience();
  #jobsSent = 0;
  #jobsHedged = 0;
  /** Objects with answers that have been read, and are of no more use. */
  #read: string[] = [];
  /** Answers that are taken and not acknowledged yet: several go in one request. */
  readonly #receipts: string[] = [];
  /** Acknowledgements on their way: waited for in the next round, while the workers compute. */
  #acknowledged: Promise<void>[] = [];

  constructor(context: RoundsContext) {
    this.#context = context;
  }

  /**
   * @param jobs the round's jobs, in the order of their indices
   * @param quorum when to go on without all of them; default: never
   * @throws JobFailedError when a job cannot be done
   */
  async perform(jobs: readonly Job[], accept: Accept, quorum?: Quorum): Promise<RoundOutcome> {
    const { clock } = this.#context;
    const pending = new Map<number, Pending>();
    const startedAt = clock.now();
    let sent = await this.#sendNext(jobs, 0, pending);
    const dispatchMs = clock.now() - startedAt;
    const tidied = Promise.all([this.#removeRead(), ...this.#acknowledged.splice(0)]);
    const [first] = jobs as [Job, ...Job[]];
    while (pending.size > 0) {
      await this.#context.heartbeat();
      for (const reply of await this.#receive(first, this.#waitMs(pending, quorum))) {
        await this.#take(reply.message, reply.payload, pending, accept);
      }
      if (sent < jobs.length) sent = await this.#sendNext(jobs, sent, pending);
      await this.#sendLate(pending);
      await this.#hedge(pending);
      const inTime = !quorum || clock.now() - startedAt < quorum.afterMs;
      if (!inTime && jobs.length - pending.size >= quorum.count) break;
    }
    this.#acknowledge();
    await tidied;
    return { dispatchMs, missing: [...pending.keys()] };
  }

  /** Done while the workers compute. What cannot be removed now goes with the rest at the run's end. */
  async #removeRead(): Promise<void> {
    const keys = this.#read;
    if (keys.length < this.#context.removedAtOnce) return;
    this.#read = [];
    await this.#context.store.remove(keys).catch(() => {});
  }

  /** Send jobs up to the window's end. @returns how many have been sent in all */
  async #sendNext(
    jobs: readonly Job[],
    sent: number,
    pending: Map<number, Pending>,
  ): Promise<number> {
    const oldest = pending.keys().next().value ?? sent;
    const next = jobs.slice(sent, oldest + WINDOW);
    const sentAt = this.#context.clock.now();
    for (const job of next) {
      pending.set(roundOf(job).index, { job, attempts: 1, sentAt, hedged: false });
    }
    this.#jobsSent += next.length;
    if (next.length > 0) await this.#context.jobs.send(next.map(jobMessage));
    return sent + next.length;
  }

  /** Until something else than an answer may have to be seen to. */
  #waitMs(pending: ReadonlyMap<number, Pending>, quorum: Quorum | undefined): number {
    const [oldest] = pending.values();
    const waited = this.#context.clock.now() - (oldest?.sentAt ?? 0);
    const until = Math.min(this.#patience.hedgeMs(), quorum?.afterMs ?? Number.POSITIVE_INFINITY);
    return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, until - waited));
  }

  /** Answers to the round that this job belongs to; all others are dropped. */
  async #receive(
    job: Job,
    waitMs: number,
  ): Promise<{ message: Reply; payload: Uint8Array | undefined }[]> {
    const { replies, events } = this.#context;
    const deliveries = await replies.receive({ max: RECEIVE_AT_ONCE, waitMs });
    this.#receipts.push(...deliveries.map(({ receipt }) => receipt));
    if (this.#receipts.length >= RECEIVE_AT_ONCE) this.#acknowledge();
    const taken = [];
    for (const delivery of deliveries) {
      const message = await parseOrDrop(delivery, events);
      if (message && answers(message, job)) taken.push({ message, payload: delivery.payload });
      else if (message)
        await events.emit('dropped', { reason: `late answer for ${message.round}` });
    }
    return taken;
  }

  /** Not waited for: an answer that comes again, because this failed, is dropped as a copy. */
  #acknowledge(): void {
    const receipts = this.#receipts.splice(0);
    this.#acknowledged.push(this.#context.replies.acknowledge(receipts).catch(() => {}));
  }

  async #take(
    reply: Reply,
    payload: Uint8Array | undefined,
    pending: Map<number, Pending>,
    accept: Accept,
  ): Promise<void> {
    const entry = pending.get(reply.index);
    if (!entry) {
      await this.#context.events.emit('dropped', {
        reason: `copy for ${reply.round}/${reply.index}`,
      });
      return;
    }
    if (reply.kind === 'failure') return this.#retry(entry, reply);
    const bytes = await this.#bytesOf(reply, payload);
    if (!bytes) return this.#retry(entry, damaged(reply));
    this.#patience.observe(this.#context.clock.now() - entry.sentAt);
    pending.delete(reply.index);
    await accept(reply.index, reply, bytes);
    await this.#context.events.emit('answered', reply);
  }

  /** An answer's bytes, from its message or the store; undefined when they are not what it says. */
  async #bytesOf(
    { data, runId }: Success,
    payload: Uint8Array | undefined,
  ): Promise<Uint8Array | undefined> {
    let bytes = payload;
    if (data.key !== undefined) {
      if (!data.key.startsWith(runKeys.allGradients(runId))) return undefined;
      bytes = await this.#fetch(data.key);
    }
    return bytes?.length === data.bytes && crc32(bytes) === data.crc32 ? bytes : undefined;
  }

  async #fetch(key: string): Promise<Uint8Array | undefined> {
    try {
      const { bytes } = await this.#context.store.get(key);
      this.#read.push(key);
      return bytes;
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  async #sendLate(pending: Map<number, Pending>): Promise<void> {
    const limit = this.#patience.limitMs();
    const now = this.#context.clock.now();
    for (const entry of pending.values()) {
      if (now - entry.sentAt <= limit) continue;
      const reason = `no answer for ${Math.round(limit / 1000)} s`;
      await this.#sendAgain(entry, reason);
    }
  }

  /** Send second copies of jobs that are slower than most were: the first answer counts. */
  async #hedge(pending: Map<number, Pending>): Promise<void> {
    const limit = this.#patience.hedgeMs();
    const now = this.#context.clock.now();
    for (const entry of pending.values()) {
      if (entry.hedged || now - entry.sentAt <= limit) continue;
      if (this.#jobsHedged + 1 > HEDGED_SHARE * this.#jobsSent) return;
      this.#jobsHedged++;
      entry.hedged = true;
      entry.attempts++;
      const { round, index } = roundOf(entry.job);
      await this.#context.jobs.send([jobMessage({ ...entry.job, attempt: entry.attempts })]);
      await this.#context.events.emit('hedged', { round, index, attempt: entry.attempts });
    }
  }

  async #retry(entry: Pending, { error, retryable }: Pick<Failure, 'error' | 'retryable'>) {
    if (!retryable) throw new JobFailedError(error.message);
    await this.#sendAgain(entry, error.message);
  }

  async #sendAgain(entry: Pending, reason: string): Promise<void> {
    const { round, index } = roundOf(entry.job);
    if (entry.attempts >= MAX_ATTEMPTS) {
      throw new JobFailedError(
        `${describe(entry.job)} failed ${entry.attempts} times; the last time: ${reason}`,
      );
    }
    entry.attempts++;
    entry.sentAt = this.#context.clock.now();
    await this.#context.jobs.send([jobMessage({ ...entry.job, attempt: entry.attempts })]);
    await this.#context.events.emit('resent', { round, index, attempt: entry.attempts, reason });
  }
}

function answers({ runId, epoch, round }: Reply, job: Job): boolean {
  return runId === job.runId && epoch === job.epoch && round === roundOf(job).round;
}

function jobMessage(job: Job): Message {
  return { body: JSON.stringify(job) };
}

function describe(job: Job): string {
  return job.kind === 'gradient'
    ? `The gradient of step ${job.step} on shard ${job.shard}`
    : `The sample grid of iteration ${job.iteration}`;
}

function damaged({ round, index }: Success): Pick<Failure, 'error' | 'retryable'> {
  const message = `the answer for ${round}/${index} was damaged on its way`;
  return { error: { name: 'DamagedReply', message }, retryable: true };
}

async function parseOrDrop(delivery: Delivery, events: RunEventBus): Promise<Reply | undefined> {
  try {
    return parseReply(delivery.body);
  } catch (error) {
    await events.emit('dropped', { reason: String(error) });
    return undefined;
  }
}
