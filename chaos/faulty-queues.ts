import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, Queue, QueueService, QueueSettings } from '../lib/queue/queue.ts';
import { parseReply, type Reply } from '../lib/wire/messages.ts';
import type { FaultSource } from './fault-source.ts';
import type { Fault } from './plan.ts';
import { isGradient, type Poisoner, staleCopy } from './replies.ts';
import { scoringKind } from './scoring-kinds.ts';

const JOBS = 'jobs';
/** A message is held back until the next one, but not for longer. */
const HELD_MS = 400;

/** How messages that are garbled begin: no worker and no coordinator can read them. */
export const GARBLED = 'garbled';

/** Queues whose messages meet with what the plan says: jobs and replies on their way to the queue. */
export class FaultyQueues implements QueueService {
  readonly #service: QueueService;
  readonly #faults: FaultSource;
  readonly #poison: Poisoner;
  readonly #held = new Map<string, Message>();

  constructor(service: QueueService, faults: FaultSource, poison: Poisoner) {
    this.#service = service;
    this.#faults = faults;
    this.#poison = poison;
  }

  open(name: string): Queue {
    const queue = this.#service.open(name);
    const side = name === JOBS ? 'job' : 'reply';
    return {
      name,
      send: async (messages) => {
        for (const message of messages) await this.#send(queue, side, message);
      },
      receive: (options) => queue.receive(options),
      acknowledge: async (receipts) => {
        if (receipts.length > 0 && this.#faults.take('acknowledgement-lost', side)) return;
        await queue.acknowledge(receipts);
      },
      extend: (receipt, visibilityMs) => queue.extend(receipt, visibilityMs),
    };
  }

  async create(name: string, settings: QueueSettings): Promise<Queue> {
    await this.#service.create(name, settings);
    return this.open(name);
  }

  remove(name: string): Promise<void> {
    return this.#service.remove(name);
  }

  list(prefix: string): Promise<string[]> {
    return this.#service.list(prefix);
  }

  async #send(queue: Queue, side: string, message: Message): Promise<void> {
    const take = (kind: string) => {
      const own = scoringKind(kind, message.body);
      return (own ? this.#faults.take(own, side) : undefined) ?? this.#faults.take(kind, side);
    };
    if (take('message-dropped')) return;
    if (take('payload-corrupted')) return queue.send([garbled(message)]);
    const delayed = take('message-delayed');
    if (delayed) return sendLater(queue, message, delayed);
    const reply = side === 'reply' ? parseReply(message.body) : undefined;
    if (reply && isGradient(reply)) return this.#sendGradient(queue, message, reply);
    if (take('message-duplicated')) return queue.send([message, message]);
    return this.#sendInOrder(queue, side, message);
  }

  async #sendGradient(queue: Queue, message: Message, reply: Reply): Promise<void> {
    for (const variant of ['epoch', 'step'] as const) {
      if (this.#faults.take('stale-answer', variant)) await queue.send([staleCopy(reply, variant)]);
    }
    if (this.#faults.take('non-finite-gradient')) {
      const poisoned = await this.#poison(reply);
      if (poisoned) return queue.send([poisoned]);
    }
    if (this.#faults.take('message-duplicated', 'reply')) return queue.send([message, message]);
    return this.#sendInOrder(queue, 'reply', message);
  }

  /** Unless it is held back until the next one has overtaken it. */
  async #sendInOrder(queue: Queue, side: string, message: Message): Promise<void> {
    const { name } = queue;
    const held = this.#held.get(name);
    this.#held.delete(name);
    if (held) return queue.send([message, held]);
    const reordered = this.#faults.take('message-reordered', side);
    if (!reordered) return queue.send([message]);
    this.#held.set(name, message);
    void sleep(HELD_MS, undefined, { ref: false }).then(() => {
      if (this.#held.get(name) === message) this.#held.delete(name);
      else return;
      return queue.send([message]).catch(() => {});
    });
  }
}

function garbled({ body }: Message): Message {
  return { body: `${GARBLED} ${body.slice(0, body.length / 2)}` };
}

function sendLater(queue: Queue, message: Message, { ms }: Fault): void {
  const late = sleep(ms, undefined, { ref: false }).then(() => queue.send([message]));
  late.catch(() => {}); // its queue is gone
}
