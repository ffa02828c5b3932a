import { LambduelError } from '../errors.ts';

/** What is sent: a text, with or without bytes. */
export interface Message {
  readonly body: string;
  readonly payload?: Uint8Array;
  /** Whose message it is, such as a run's. A fair queue lets no group wait for another's many. */
  readonly group?: string;
}

/** A message as it was received. It comes again unless it is acknowledged in time. */
export interface Delivery extends Message {
  /** Identifies this delivery, for acknowledging or extending it. */
  readonly receipt: string;
  /** How often the message has been delivered, this time included: 1 at first. */
  readonly attempt: number;
}

/** How a queue treats its messages. */
export interface QueueSettings {
  /** How long a delivered message stays hidden before it is delivered again. */
  readonly visibilityMs: number;
  /**
   * After this many deliveries without acknowledgement a message is put aside, among the dead
   * letters where there are any. Default: never.
   */
  readonly maxDeliveries?: number;
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
  /** Receive up to `max` messages, or none after `waitMs` without one. */
  receive(options: ReceiveOptions): Promise<Delivery[]>;
  /** Acknowledge deliveries: their messages do not come again. Unknown receipts are no error. */
  acknowledge(receipts: readonly string[]): Promise<void>;
  /** Hide a delivered message for this long from now on. 0 gives it back at once. */
  extend(receipt: string, visibilityMs: number): Promise<void>;
}

/** Queues by name. */
export interface QueueService {
  open(name: string): Queue;
  /** Make a queue, unless one of that name exists. */
  create(name: string, settings: QueueSettings): Promise<Queue>;
  /** Remove a queue with all its messages. A queue that does not exist is no error. */
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
