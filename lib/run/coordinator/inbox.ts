import type { Delivery, Queue } from '../../queue/queue.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { type Job, parseReply, type Reply, roundOf, type Success } from '../../wire/messages.ts';
import type { RunEventBus } from '../events.ts';
import { runKeys } from '../record/keys.ts';
import { MemoryPool } from './memory-pool.ts';

const RECEIVE_AT_ONCE = 10;

/** What an inbox works with. */
export interface InboxContext {
  readonly store: Store;
  readonly replies: Queue;
  readonly events: RunEventBus;
  /** Objects that have been read wait until so many can be removed by one request. */
  readonly removedAtOnce: number;
}

/** An answer as it came in; its bytes are not checked yet. */
export interface Answer {
  readonly message: Reply;
  readonly payload: Uint8Array | undefined;
}

/**
 * A coordinator's answers: received, sorted by round, and acknowledged several at a time while the
 * workers compute. What was in the store and has been read is removed.
 */
export class Inbox {
  readonly #context: InboxContext;
  readonly #memory = new MemoryPool();
  /** Objects with answers that have been read, and are of no more use. */
  #read: string[] = [];
  /** Answers that are taken and not acknowledged yet: several go in one request. */
  readonly #receipts: string[] = [];
  /** Acknowledgements on their way: waited for in the next round, while the workers compute. */
  #acknowledged: Promise<void>[] = [];

  constructor(context: InboxContext) {
    this.#context = context;
  }

  /** Answers to the round that this job belongs to; all others are dropped. */
  async receive(job: Job, waitMs: number): Promise<Answer[]> {
    const { replies, events } = this.#context;
    const deliveries = await replies.receive({ max: RECEIVE_AT_ONCE, waitMs });
    this.#receipts.push(...deliveries.map(({ receipt }) => receipt));
    if (this.#receipts.length >= RECEIVE_AT_ONCE) this.acknowledge();
    const taken: Answer[] = [];
    for (const delivery of deliveries) {
      const message = await parseOrDrop(delivery, events);
      if (message && answers(message, job)) taken.push({ message, payload: delivery.payload });
      else if (message)
        await events.emit('dropped', { reason: `late answer for ${message.round}` });
    }
    return taken;
  }

  /** Not waited for: an answer that comes again, because this failed, is dropped as a copy. */
  acknowledge(): void {
    const receipts = this.#receipts.splice(0);
    this.#acknowledged.push(this.#context.replies.acknowledge(receipts).catch(() => {}));
  }

  /** The round is over: what its answers held is not looked at any more. */
  close(): void {
    this.acknowledge();
    this.#memory.release();
  }

  /**
   * Remove what has been read, and wait for acknowledgements: done while the workers compute. What
   * cannot be removed now goes with the rest at the run's end.
   */
  async tidy(): Promise<void> {
    await Promise.all([this.#removeRead(), ...this.#acknowledged.splice(0)]);
  }

  /** An answer's bytes, from its message or the store; undefined when they are not what it says. */
  async bytesOf({ data, runId }: Success, payload?: Uint8Array): Promise<Uint8Array | undefined> {
    let bytes = payload;
    if (data.key !== undefined) {
      if (!data.key.startsWith(runKeys.allGradients(runId))) return undefined;
      bytes = await this.#fetch(data.key, this.#memory.take(data.bytes));
    }
    return bytes?.length === data.bytes && crc32(bytes) === data.crc32 ? bytes : undefined;
  }

  async #fetch(key: string, memory: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    try {
      const { bytes } = await this.#context.store.get(key, memory);
      this.#memory.use(bytes);
      this.#read.push(key);
      return bytes;
    } catch (error) {
      if (error instanceof ObjectNotFoundError) return undefined;
      throw error;
    }
  }

  async #removeRead(): Promise<void> {
    const keys = this.#read;
    if (keys.length < this.#context.removedAtOnce) return;
    this.#read = [];
    await this.#context.store.remove(keys, { transient: true }).catch(() => {});
  }
}

function answers({ runId, epoch, round }: Reply, job: Job): boolean {
  return runId === job.runId && epoch === job.epoch && round === roundOf(job).round;
}

async function parseOrDrop(delivery: Delivery, events: RunEventBus): Promise<Reply | undefined> {
  try {
    return parseReply(delivery.body);
  } catch (error) {
    await events.emit('dropped', { reason: String(error) });
    return undefined;
  }
}
