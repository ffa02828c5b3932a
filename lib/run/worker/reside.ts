import { type Delivery, type Queue, QueueNotFoundError } from '../../queue/queue.ts';
import type { Clock } from '../clock.ts';
import { type JobServer, serveDelivery } from './serve-delivery.ts';

/**
 * How long one request waits for a job. So long a worker outlives its run at most. It costs less
 * than the worker's time: a shorter poll ends the worker sooner.
 */
export const POLL_MS = 5_000;
/** A worker that gets no job for so long ends: nobody may be left who removes its queue. */
const IDLE_MS = 300_000;
/** A new queue may not be found everywhere at once: it is looked for so often, a pause apart. */
const SEARCHES = 4;
/** A queue may fail so often, one request after the other. */
const FAILURES = 5;
const PAUSE_MS = 1_000;
/** One request acknowledges so many jobs: SQS takes no more. */
const ACKNOWLEDGED_AT_ONCE = 10;
/** An answered job is held back for so long at most, or for one more job: else it may come again. */
const HELD_MS = 5_000;

/** Why a worker does not stay any longer. */
export type Leaving = 'the queue is gone' | 'its time is over' | 'there was nothing to do';

/** How a worker stays with a queue. */
export interface Stay {
  readonly server: JobServer;
  readonly clock: Clock;
  /** Whether its time runs out. Asked before each request for a job. */
  readonly isDue: () => boolean;
  /** How long it goes on beside its successor, which has to get ready first. */
  readonly overlapMs: number;
  /** @returns whether it was started; otherwise it is tried again */
  readonly startSuccessor: () => Promise<boolean>;
  /** Called while it waits for a job. */
  readonly prepare?: () => Promise<void>;
}

/**
 * Take jobs from a queue and do them, one at a time, until the queue is gone. When its time runs
 * out, the worker starts its successor, and goes on until that has had time to get ready.
 *
 * @throws what is wrong with the queue, when it fails again and again
 */
export async function reside(stay: Stay): Promise<Leaving> {
  const acknowledgements = new Acknowledgements(stay.server.jobs, stay.clock);
  try {
    return await serveUntilLeaving(stay, acknowledgements);
  } finally {
    await acknowledgements.done();
  }
}

async function serveUntilLeaving(stay: Stay, acknowledgements: Acknowledgements): Promise<Leaving> {
  const { server, clock, overlapMs } = stay;
  let workedAt = clock.now();
  let until = Number.POSITIVE_INFINITY;
  let succeeded = false;
  const polls = new Polls(stay);
  for (;;) {
    if (stay.isDue()) {
      until = Math.min(until, clock.now() + overlapMs);
      if (!succeeded) succeeded = await stay.startSuccessor();
    }
    const now = clock.now();
    if (now >= until) return 'its time is over';
    if (now - workedAt >= IDLE_MS) return 'there was nothing to do';
    const deliveries = await polls.next(Math.min(POLL_MS, until - now));
    if (!deliveries) return 'the queue is gone';
    if (deliveries.length === 0) await acknowledgements.send();
    for (const delivery of deliveries) {
      await serveDelivery(server, delivery).then(
        () => acknowledgements.add(delivery),
        () => {}, // it has been given back
      );
      workedAt = clock.now();
    }
  }
}

/**
 * Tells the queue which jobs have been answered, several by one request, while the next one is waited
 * for. A job whose acknowledgement is lost comes again, and its second answer is dropped.
 */
class Acknowledgements {
  readonly #jobs: Queue;
  readonly #clock: Clock;
  #receipts: string[] = [];
  #heldSince = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(jobs: Queue, clock: Clock) {
    this.#jobs = jobs;
    this.#clock = clock;
  }

  async add({ receipt }: Delivery): Promise<void> {
    if (this.#receipts.length === 0) this.#heldSince = this.#clock.now();
    this.#receipts.push(receipt);
    const isDue = this.#clock.now() - this.#heldSince >= HELD_MS;
    if (isDue || this.#receipts.length >= ACKNOWLEDGED_AT_ONCE) await this.send();
  }

  /** Acknowledge all. One request at a time: a worker that is faster than its queue waits for it. */
  async send(): Promise<void> {
    await this.#sent;
    if (this.#receipts.length === 0) return;
    this.#sent = this.#jobs.acknowledge(this.#receipts.splice(0)).catch(() => {});
  }

  async done(): Promise<void> {
    await this.send();
    await this.#sent;
  }
}

/** Requests for jobs, one after the other. */
class Polls {
  readonly #stay: Stay;
  #found = false;
  #searches = 0;
  #failures = 0;

  constructor(stay: Stay) {
    this.#stay = stay;
  }

  /** @returns undefined when there is no queue (any more) */
  async next(waitMs: number): Promise<Delivery[] | undefined> {
    const { server, prepare, clock } = this.#stay;
    try {
      const received = server.jobs.receive({ max: 1, waitMs });
      received.catch(() => {}); // awaited below
      await prepare?.();
      const deliveries = await received;
      this.#found = true;
      this.#failures = 0;
      return deliveries;
    } catch (error) {
      if (error instanceof QueueNotFoundError) {
        this.#searches++;
        if (this.#found || this.#searches >= SEARCHES) return undefined;
      } else {
        this.#failures++;
        if (this.#failures >= FAILURES) throw error;
      }
      await clock.sleep(PAUSE_MS);
      return [];
    }
  }
}
