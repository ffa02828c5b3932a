import { LambduelError } from '../errors.ts';

/** What is sent: a text, and bytes where there are any. */
export interface Message {
  readonly body: string;
  readonly payload?: Uint8Array;
}

/** A message as it was received. It comes again unless it is acknowledged in time. */
export interface Delivery extends Message {
  /** Names this delivery, for acknowledging or extending it. */
  readonly receipt: string;
  /** How often the message has been delivered, this time included: 1 at first. */
  readonly attempt: number;
}

/** How a queue treats its messages. */
export interface QueueSettings {
  /** How long a delivered message stays hidden before it is delivered again. */
  readonly visibilityMs: number;
}

/** How much to receive, and how long to wait for the first message. */
export interface ReceiveOptions {
  readonly max: number;
  readonly waitMs: number;
}

/** A queue that delivers each message at least once, in any order. */
export interface Queue {
  readonly name: string;
  send(messages: readonly Message[]): Promise<void>;
  /** Up to `max` messages; none when `waitMs` have passed without one. */
  receive(options: ReceiveOptions): Promise<Delivery[]>;
  /** The messages have been dealt with. Receipts that are no longer known are no error. */
  acknowledge(receipts: readonly string[]): Promise<void>;
  /** Hide a delivered message for so long from now on; 0 gives it back at once. */
  extend(receipt: string, visibilityMs: number): Promise<void>;
}

/** Queues by name. */
export interface QueueService {
  open(name: string): Queue;
  /** Make a queue, unless there is one of that name. */
  create(name: string, settings: QueueSettings): Promise<Queue>;
  /** Remove a queue with all that is in it; one that is not there is no error. */
  remove(name: string): Promise<void>;
  /** The names that begin with the prefix. */
  list(prefix: string): Promise<string[]>;
}

/** There is no queue of this name (any more). */
export class QueueNotFoundError extends LambduelError {
  constructor(
    readonly queue: string,
    cause?: unknown,
  ) {
    super(`There is no queue ${queue}`, { cause });
  }
}
