import type { Delivery, Queue } from '../../queue/queue.ts';
import { ObjectNotFoundError, type Store } from '../../store/store.ts';
import { crc32 } from '../../wire/checksum.ts';
import { type Job, parseReply, type Reply, roundOf, type Success } from '../../wire/messages.ts';
import type { Clock } from '../clock.ts';
import type { RunEventBus } from '../events.ts';
import { runKeys } from '../record/keys.ts';
import { MemoryPool } from './memory-pool.ts';

const RECEIVE_AT_ONCE = 10;

/** What an inbox works with. */
export interface InboxContext {
  readonly store: Store;
  readonly replies: Queue;
  readonly events: RunEventBus;
  readonly clock: Clock;
  /** How many objects that have been read are removed by one request. */
  readonly removedAtOnce: number;
}

/** An answer as it was received. Its bytes are not checked yet. */
export interface Answer {
  readonly message: Reply;
  readonly payload: Uint8Array | undefined;
  /** When it was received, by the coordinator's clock. */
  readonly receivedAt: number;
}

/**
 * Receives a coordinator's answers, sorts them by round, and acknowledges several at a time while
 * the workers compute. Objects of answers are removed when they have been read.
 */
export class Inbox {
  readonly #context: InboxContext;
  readonly #memory = new MemoryPool();
  /** Objects of answers that have been read, and can be removed. */
  #read: string[] = [];
  /** Answers that are not acknowledged yet: one request acknowledges several. */
  readonly #receipts: string[] = [];
  /** Acknowledgements on their way. The next round waits for them while the workers compute. */
  #acknowledged: Promise<void>[] = [];

  constructor(context: InboxContext) {
    this.#context = context;
  }

  /** Answers to the round that this job belongs to; all others are dropped. */
  async receive(job: Job, waitMs: number): Promise<Answer[]> {
    const { replies, events, clock } = this.#context;
    const deliveries = await replies.receive({ max: RECEIVE_AT_ONCE, waitMs });
    this.#receipts.push(...deliveries.map(({ receipt }) => receipt));
    if (this.#receipts.length >= RECEIVE_AT_ONCE) this.acknowledge();
    const receivedAt = clock.now();
    const taken: Answer[] = [];
    for (const delivery of deliveries) {
      const message = await parseOrDrop(delivery, events);
      if (message && answers(message, job))
        taken.push({ message, payload: delivery.payload, receivedAt });
      else if (message)
        await events.emit('dropped', { reason: `late answer for ${message.round}` });
    }
    return taken;
  }

  /** Nobody waits for this. If it fails, the answer comes again and is dropped as a copy. */
  acknowledge(): void {
    const receipts = this.#receipts.splice(0);
    this.#acknowledged.push(this.#context.replies.acknowledge(receipts).catch(() => {}));
  }

  /** The round is over: the memory of its answers can be used again. */
  close(): void {
    this.acknowledge();
    this.#memory.release();
  }

  /**
   * Remove what has been read, and wait for acknowledgements. Called while the workers compute.
   * What cannot be removed now is removed at the run's end.
   */
  async tidy(): Promise<void> {
    await Promise.all([this.#removeRead(), ...this.#acknowledged.splice(0)]);
  }

  /**
   * An answer's bytes, from its message or the store. Undefined: they do not match its checksum.
   */
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
