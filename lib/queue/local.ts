import { randomUUID } from 'node:crypto';
import {
  type Delivery,
  type Message,
  type Queue,
  QueueNotFoundError,
  type QueueService,
  type QueueSettings,
  type ReceiveOptions,
} from './queue.ts';

interface Entry {
  readonly message: Message;
  deliveries: number;
}

interface InFlight {
  readonly entry: Entry;
  timer: NodeJS.Timeout;
}

/** How a queue in memory treats its messages. */
export interface LocalQueueSettings extends QueueSettings {
  /** Called with each message that is dropped, because it was delivered too often. */
  readonly onDropped?: (message: Message) => void;
}

/** A queue in this process's memory. */
class LocalQueue implements Queue {
  readonly #visible: Entry[] = [];
  readonly #inFlight = new Map<string, InFlight>();
  readonly #waiting = new Set<() => void>();

  constructor(
    readonly name: string,
    readonly settings: LocalQueueSettings,
  ) {}

  async send(messages: readonly Message[]): Promise<void> {
    for (const message of messages) this.#show({ message, deliveries: 0 });
  }

  async receive({ max, waitMs }: ReceiveOptions): Promise<Delivery[]> {
    if (this.#visible.length === 0 && waitMs > 0) await this.#message(waitMs);
    return this.#visible.splice(0, max).map((entry) => this.#deliver(entry));
  }

  async acknowledge(receipts: readonly string[]): Promise<void> {
    for (const receipt of receipts) this.#land(receipt);
  }

  async extend(receipt: string, visibilityMs: number): Promise<void> {
    const flight = this.#inFlight.get(receipt);
    if (!flight) return;
    clearTimeout(flight.timer);
    if (visibilityMs === 0) this.#giveBack(receipt);
    else flight.timer = this.#timer(receipt, visibilityMs);
  }

  /** End all waiting and all timers. */
  close(): void {
    for (const receipt of this.#inFlight.keys()) this.#land(receipt);
    this.#visible.length = 0;
    this.#wake();
  }

  #deliver(entry: Entry): Delivery {
    entry.deliveries++;
    const receipt = randomUUID();
    const timer = this.#timer(receipt, this.settings.visibilityMs);
    this.#inFlight.set(receipt, { entry, timer });
    return { ...entry.message, receipt, attempt: entry.deliveries };
  }

  #timer(receipt: string, visibilityMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#giveBack(receipt), visibilityMs).unref();
  }

  #giveBack(receipt: string): void {
    const flight = this.#land(receipt);
    if (!flight) return;
    const { entry } = flight;
    const { maxDeliveries = Number.POSITIVE_INFINITY, onDropped } = this.settings;
    if (entry.deliveries < maxDeliveries) this.#show(entry);
    else onDropped?.(entry.message);
  }

  #land(receipt: string): InFlight | undefined {
    const flight = this.#inFlight.get(receipt);
    if (flight) clearTimeout(flight.timer);
    this.#inFlight.delete(receipt);
    return flight;
  }

  #show(entry: Entry): void {
    this.#visible.push(entry);
    const [first] = this.#waiting;
    first?.();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }

  #message(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      this.#waiting.add(done);
    });
  }
}

/** Queues in this process's memory; other processes reach them through `queue/ipc.ts`. */
export class LocalQueueService implements QueueService {
  readonly #queues = new Map<string, LocalQueue>();

  open(name: string): Queue {
    return {
      name,
      send: async (messages) => this.#get(name).send(messages),
      receive: async (options) => this.#get(name).receive(options),
      acknowledge: async (receipts) => this.#get(name).acknowledge(receipts),
      extend: async (receipt, visibilityMs) => this.#get(name).extend(receipt, visibilityMs),
    };
  }

  async create(name: string, settings: LocalQueueSettings): Promise<Queue> {
    if (!this.#queues.has(name)) this.#queues.set(name, new LocalQueue(name, settings));
    return this.open(name);
  }

  async remove(name: string): Promise<void> {
    this.#queues.get(name)?.close();
    this.#queues.delete(name);
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.#queues.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  #get(name: string): LocalQueue {
    const queue = this.#queues.get(name);
    if (!queue) throw new QueueNotFoundError(name);
    return queue;
  }
}
