import { z } from 'zod';
import { messageOf } from '../errors.ts';
import {
  type Delivery,
  type Message,
  type Queue,
  QueueNotFoundError,
  type QueueService,
  type QueueSettings,
  type ReceiveOptions,
} from './queue.ts';

/** One end of a channel between two processes, as Node's `process` and `ChildProcess` have it. */
export interface Channel {
  send?(message: object, callback?: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

const requestSchema = z.object({
  queueRequest: z.number().int(),
  operation: z.enum(['send', 'receive', 'acknowledge', 'extend', 'create', 'remove', 'list']),
  queue: z.string(),
  argument: z.unknown().optional(),
});
type Request = z.infer<typeof requestSchema>;

const responseSchema = z.object({
  queueResponse: z.number().int(),
  value: z.unknown().optional(),
  error: z.object({ message: z.string(), notFound: z.boolean() }).optional(),
});

/**
 * Let the process at the other end of a channel use these queues. When the channel closes, because
 * the process died, its unacknowledged messages are given back at once.
 */
export function serveQueues(service: QueueService, channel: Channel): void {
  const held = new Map<string, string>();
  let open = true;

  const giveBack = (receipt: string, queue: string) =>
    service.open(queue).extend(receipt, 0).catch(ignoreRemoved);

  channel.on('disconnect', () => {
    open = false;
    for (const [receipt, queue] of held) void giveBack(receipt, queue);
    held.clear();
  });

  const perform = async ({ operation, queue: name, argument }: Request): Promise<unknown> => {
    const queue = service.open(name);
    switch (operation) {
      case 'send':
        return queue.send(argument as Message[]);
      case 'receive': {
        const deliveries = await queue.receive(argument as ReceiveOptions);
        for (const { receipt } of deliveries) {
          if (open) held.set(receipt, name);
          else await giveBack(receipt, name);
        }
        return deliveries;
      }
      case 'acknowledge':
        for (const receipt of argument as string[]) held.delete(receipt);
        return queue.acknowledge(argument as string[]);
      case 'extend': {
        const [receipt, visibilityMs] = argument as [string, number];
        return queue.extend(receipt, visibilityMs);
      }
      case 'create':
        await service.create(name, argument as QueueSettings);
        return;
      case 'remove':
        return service.remove(name);
      case 'list':
        return service.list(name);
    }
  };

  channel.on('message', async (raw) => {
    const request = requestSchema.safeParse(raw);
    if (!request.success) return;
    const response = await perform(request.data).then(
      (value) => ({ value }),
      (error: unknown) => ({
        error: { message: messageOf(error), notFound: error instanceof QueueNotFoundError },
      }),
    );
    if (open) channel.send?.({ queueResponse: request.data.queueRequest, ...response }, () => {});
  });
}

/** Queues that live in the process at the other end of a channel; see {@link serveQueues}. */
export class IpcQueueService implements QueueService {
  readonly #channel: Channel;
  readonly #pending = new Map<number, (response: z.infer<typeof responseSchema>) => void>();
  #requests = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.on('message', (raw) => {
      const response = responseSchema.safeParse(raw);
      if (!response.success) return;
      this.#pending.get(response.data.queueResponse)?.(response.data);
      this.#pending.delete(response.data.queueResponse);
    });
  }

  open(name: string): Queue {
    return {
      name,
      send: (messages) => this.#request('send', name, messages) as Promise<void>,
      receive: (options) => this.#request('receive', name, options) as Promise<Delivery[]>,
      acknowledge: (receipts) => this.#request('acknowledge', name, receipts) as Promise<void>,
      extend: (...argument) => this.#request('extend', name, argument) as Promise<void>,
    };
  }

  async create(name: string, settings: QueueSettings): Promise<Queue> {
    await this.#request('create', name, settings);
    return this.open(name);
  }

  remove(name: string): Promise<void> {
    return this.#request('remove', name) as Promise<void>;
  }

  list(prefix: string): Promise<string[]> {
    return this.#request('list', prefix) as Promise<string[]>;
  }

  #request(operation: Request['operation'], queue: string, argument?: unknown): Promise<unknown> {
    const queueRequest = ++this.#requests;
    return new Promise((resolve, reject) => {
      this.#pending.set(queueRequest, ({ value, error }) => {
        if (!error) resolve(value);
        else reject(error.notFound ? new QueueNotFoundError(queue) : new Error(error.message));
      });
      this.#channel.send?.({ queueRequest, operation, queue, argument }, (error) => {
        if (error) reject(error);
      });
    });
  }
}

function ignoreRemoved(error: unknown): void {
  if (!(error instanceof QueueNotFoundError)) throw error;
}
