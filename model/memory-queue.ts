import type { Delivery, Message, QueueSettings } from '../lib/queue/queue.ts';
import type { Choices } from './choices.ts';

/** A message in a queue. */
export interface Entry {
  readonly message: Message;
  /** It is hidden until then: somebody has received it. */
  visibleAt: number;
  deliveries: number;
  /** Names its last delivery. */
  receipt: string;
}

/** A queue in memory: its operations, each done at once. Order and number of messages are chance. */
export class MemoryQueue {
  readonly #entries = new Set<Entry>();
  #receipts = 0;

  constructor(
    readonly name: string,
    readonly settings: QueueSettings,
  ) {}

  /** All messages that are not acknowledged. */
  get entries(): Iterable<Entry> {
    return this.#entries;
  }

  send(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#entries.add({ message, visibleAt: 0, deliveries: 0, receipt: '' });
    }
  }

  hasVisible(now: number): boolean {
    for (const entry of this.#entries) if (entry.visibleAt <= now) return true;
    return false;
  }

  /** When the next hidden message is shown again; infinite: never. */
  nextVisibleAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { visibleAt } of this.#entries) next = Math.min(next, visibleAt);
    return next;
  }

  /** @param duplicated asked for each delivery: whether the message stays visible in spite of it */
  receive(now: number, max: number, choices: Choices, duplicated: () => boolean): Delivery[] {
    const visible = [...this.#entries].filter((entry) => entry.visibleAt <= now);
    const count = Math.min(max, visible.length, 1 + choices.below(max));
    return Array.from({ length: count }, () => {
      const [entry] = visible.splice(choices.below(visible.length), 1) as [Entry];
      entry.visibleAt = duplicated() ? now : now + this.settings.visibilityMs;
      entry.deliveries++;
      entry.receipt = `${this.name}#${++this.#receipts}`;
      return { ...entry.message, receipt: entry.receipt, attempt: entry.deliveries };
    });
  }

  /** @returns the messages that are gone by it */
  acknowledge(receipts: readonly string[]): Message[] {
    const gone = [...this.#entries].filter(({ receipt }) => receipts.includes(receipt));
    for (const entry of gone) this.#entries.delete(entry);
    return gone.map(({ message }) => message);
  }

  extend(receipt: string, visibleAt: number): void {
    for (const entry of this.#entries) if (entry.receipt === receipt) entry.visibleAt = visibleAt;
  }
}
