import { LambduelError } from '../../errors.ts';
import { ObjectChangedError, type Store } from '../../store/store.ts';
import type { Clock } from '../clock.ts';
import {
  assertNotEnded,
  type Head,
  leaseExpired,
  type ReadHead,
  readHead,
  replaceHead,
} from '../record/head.ts';

/** A lease is renewed when this share of its length has passed. */
const RENEW_AFTER = 1 / 3;
/** How often a challenger reads the head while it waits for a lease; at least once per second. */
const POLLS = 8;
const LONGEST_PAUSE_MS = 1000;

/** How a lease is taken. */
export interface LeaseOptions {
  /** The coordinator that takes it. No two coordinators have the same name. */
  readonly owner: string;
  readonly durationMs: number;
  readonly clock: Clock;
  /** Called once when another lease has to run out first, with the longest wait in milliseconds. */
  readonly onWait?: (owner: string, ms: number) => void;
}

/** Another coordinator holds the run's lease, and is alive. */
export class RunBusyError extends LambduelError {
  constructor(runId: string, owner: string) {
    super(`Run ${runId} is being advanced by ${owner}`, {
      hint: 'Follow it with `lambduel watch`, or end it with `lambduel cancel`.',
    });
  }
}

/** The lease went to another coordinator: this one must not write for the run any more. */
export class LeaseLostError extends LambduelError {
  /** @param status of the run, if nobody has taken it over */
  constructor(runId: string, status?: string) {
    super(
      status
        ? `Run ${runId} is ${status}: its lease ran out while this coordinator gave no sign of life`
        : `Another coordinator has taken over run ${runId}`,
    );
  }
}

/**
 * The right to advance a run. It is part of the run's head, and is taken, renewed and given up by
 * compare-and-swap. Taking it raises the epoch. A coordinator that lost the lease without knowing
 * fails at its next change of the head, and its objects carry the old epoch in their keys.
 */
export class Lease {
  readonly #store: Store;
  readonly #options: LeaseOptions;
  #head: Head;
  #etag: string;
  #renewedAt: number;

  private constructor(store: Store, options: LeaseOptions, head: Head, etag: string) {
    this.#store = store;
    this.#options = options;
    this.#head = head;
    this.#etag = etag;
    this.#renewedAt = options.clock.now();
  }

  /**
   * Take a run's lease, waiting for a dead coordinator's to run out.
   *
   * @throws RunNotFoundError, RunEndedError, or RunBusyError when its holder turns out to be alive
   */
  static async take(store: Store, runId: string, options: LeaseOptions): Promise<Lease> {
    const free = await untilFree(store, runId, options);
    const head: Head = {
      ...free.head,
      status: 'running',
      error: null,
      reason: null,
      revision: free.head.revision + 1,
      epoch: free.head.epoch + 1,
      lease: { owner: options.owner, durationMs: options.durationMs },
      updatedAt: options.clock.date().toISOString(),
    };
    const etag = await swap(store, head, free.etag).catch((error: unknown) => {
      throw error instanceof ObjectChangedError ? new RunBusyError(runId, 'another') : error;
    });
    return new Lease(store, options, head, etag);
  }

  get head(): Head {
    return this.#head;
  }

  get epoch(): number {
    return this.#head.epoch;
  }

  /** Renew the lease if it is time, and see whether someone asked to cancel the run. */
  async renewIfDue(progress: () => Partial<Head>): Promise<void> {
    const { clock, durationMs } = this.#options;
    if (clock.now() - this.#renewedAt >= durationMs * RENEW_AFTER) await this.update(progress());
  }

  /** Give the lease up, and write the run's status and progress. */
  async release(change: Partial<Head>): Promise<void> {
    await this.update({ ...change, lease: null });
  }

  /**
   * Change the head, which also renews the lease.
   *
   * @throws LeaseLostError when another coordinator has the lease by now
   */
  async update(change: Partial<Head>): Promise<void> {
    for (;;) {
      const next: Head = {
        ...this.#head,
        ...change,
        revision: this.#head.revision + 1,
        updatedAt: this.#options.clock.date().toISOString(),
      };
      const startedAt = this.#options.clock.now();
      try {
        this.#etag = await swap(this.#store, next, this.#etag);
        this.#head = next;
        this.#renewedAt = startedAt;
        return;
      } catch (error) {
        if (!(error instanceof ObjectChangedError)) throw error;
      }
      await this.#reread();
    }
  }

  /** Someone changed the head: accept a request to cancel, and end if another has the lease. */
  async #reread(): Promise<void> {
    const { head, etag } = await readHead(this.#store, this.#head.runId);
    if (head.lease?.owner !== this.#options.owner || head.epoch !== this.#head.epoch) {
      throw new LeaseLostError(head.runId, head.lease ? undefined : head.status);
    }
    this.#head = head;
    this.#etag = etag;
  }
}

/** Replace the head. If it is already as wanted, only an answer was lost: that counts as done. */
async function swap(store: Store, next: Head, etag: string): Promise<string> {
  try {
    return await replaceHead(store, next, etag);
  } catch (error) {
    const current = await readHead(store, next.runId);
    if (JSON.stringify(current.head) === JSON.stringify(next)) return current.etag;
    throw error;
  }
}

/**
 * Wait until a run has no lease that is alive. The age of a lease is taken from the store's own
 * times. The rest of the lease is waited for on this machine's clock. A change of the head
 * meanwhile shows that the holder is alive.
 */
async function untilFree(store: Store, runId: string, options: LeaseOptions): Promise<ReadHead> {
  const first = await readHead(store, runId);
  assertNotEnded(first.head);
  const { lease } = first.head;
  if (lease === null || leaseExpired(first)) return first;
  const remaining = Math.max(0, lease.durationMs - Math.max(0, first.ageMs));
  options.onWait?.(lease.owner, remaining);
  const until = options.clock.now() + remaining;
  for (;;) {
    await options.clock.sleep(Math.min(remaining / POLLS + 1, LONGEST_PAUSE_MS));
    const current = await readHead(store, runId);
    const { lease: held, cancelRequested } = current.head;
    // A request to cancel changes the head too, and does not show that the holder is alive.
    const asked = cancelRequested && !first.head.cancelRequested;
    if (held === null || asked) return untilFree(store, runId, options);
    if (current.etag !== first.etag) throw new RunBusyError(runId, lease.owner);
    if (options.clock.now() > until) return current;
  }
}
