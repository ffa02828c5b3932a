import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery, Queue, QueueService } from '../../lib/queue/queue.ts';
import { describeQueueNames } from './contract-names.ts';

/** Queues to test, and how to let go of them. */
export interface OpenQueues {
  readonly queues: QueueService;
  readonly close: () => Promise<void>;
}

/** What adapters differ in. */
export interface QueueTraits {
  /** The largest payload that a message takes. */
  readonly maxBytes: number;
  /** The shortest visibility time-out that the adapter keeps to. */
  readonly shortMs: number;
}

/** Long enough for any message to arrive; no test waits for it to end. */
const PATIENCE_MS = 30_000;
const HOUR_MS = 3_600_000;

/** What all queues have to do, whatever they are kept in. Each test has a queue of its own. */
export function describeQueues(
  name: string,
  open: () => Promise<OpenQueues>,
  { maxBytes, shortMs }: QueueTraits,
): void {
  describe(`${name} keeps the contract of queues:`, () => {
    let queues: QueueService;
    let close: () => Promise<void>;
    let made = 0;
    beforeAll(async () => {
      ({ queues, close } = await open());
    });
    afterAll(() => close());

    const newQueue = (visibilityMs = HOUR_MS): Promise<Queue> =>
      queues.create(`test-${made++}`, { visibilityMs });

    describe('a message', () => {
      it.each([
        { what: 'any text', body: 'ä"\\\n\u{1f600} {}', payload: undefined },
        { what: 'no bytes', body: '{}', payload: new Uint8Array() },
        { what: 'all bytes', body: '{}', payload: Uint8Array.from({ length: 256 }, (_, i) => i) },
        { what: 'as many bytes as it takes', body: '{}', payload: noise(maxBytes) },
        { what: 'a part of other bytes', body: '{}', payload: noise(100).subarray(10, 20) },
      ])('arrives as it was sent, with $what', async ({ body, payload }) => {
        const queue = await newQueue();
        await queue.send([payload ? { body, payload } : { body }]);
        const [delivery] = await drain(queue, 1);
        expect(delivery?.body).toBe(body);
        expect(delivery?.attempt).toBe(1);
        if (payload) expect(Buffer.compare(delivery?.payload as Uint8Array, payload)).toBe(0);
        else expect(delivery?.payload).toBeUndefined();
      });

      it('arrives of many sent at once, each of them', async () => {
        const queue = await newQueue();
        const bodies = Array.from({ length: 25 }, (_, i) => `message ${i}`);
        await queue.send(bodies.map((body) => ({ body })));
        const deliveries = await drain(queue, 25);
        expect(deliveries.map(({ body }) => body).sort()).toEqual(bodies.sort());
        expect(new Set(deliveries.map(({ receipt }) => receipt)).size).toBe(25);
      });

      it('does not come again when it was acknowledged', async () => {
        const queue = await newQueue(shortMs);
        await queue.send([{ body: 'done' }, { body: 'not done' }]);
        const deliveries = await drain(queue, 2);
        const done = deliveries.find(({ body }) => body === 'done') as Delivery;
        await queue.acknowledge([done.receipt]);
        const [again] = await drain(queue, 1);
        expect(again?.body).toBe('not done');
        await queue.acknowledge([again?.receipt ?? '']);
        await sleep(2 * shortMs);
        expect(await queue.receive({ max: 10, waitMs: 0 })).toEqual([]);
      });

      it('comes again when its time is up, counting the deliveries, until it is acknowledged', async () => {
        const queue = await newQueue(shortMs);
        const payload = noise(1000);
        await queue.send([{ body: 'slow', payload }]);
        const receipts = new Set<string>();
        for (let attempt = 1; attempt <= 3; attempt++) {
          const [delivery] = await drain(queue, 1);
          expect(delivery).toMatchObject({ body: 'slow', attempt });
          expect(Buffer.compare(delivery?.payload as Uint8Array, payload)).toBe(0);
          receipts.add(delivery?.receipt ?? '');
        }
        expect(receipts.size).toBe(3);
      });

      it('stays hidden for as long as it was extended, and comes back at once when given back', async () => {
        const queue = await newQueue(shortMs);
        await queue.send([{ body: 'long' }]);
        const [delivery] = await drain(queue, 1);
        await queue.extend(delivery?.receipt ?? '', HOUR_MS);
        await sleep(2 * shortMs);
        expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
        await queue.extend(delivery?.receipt ?? '', 0);
        expect(await drain(queue, 1)).toMatchObject([{ body: 'long', attempt: 2 }]);
      });
    });

    describe('receiving', () => {
      it('gives nothing, at once or after a wait, where there is nothing', async () => {
        const queue = await newQueue();
        expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
        expect(await queue.receive({ max: 1, waitMs: shortMs })).toEqual([]);
      });

      it('never gives more messages than asked for', async () => {
        const queue = await newQueue();
        await queue.send(Array.from({ length: 5 }, (_, i) => ({ body: `${i}` })));
        let received = 0;
        while (received < 5) {
          const { length } = await queue.receive({ max: 2, waitMs: PATIENCE_MS });
          expect([1, 2]).toContain(length);
          received += length;
        }
      });

      it('ends its wait when a message is sent', async () => {
        const queue = await newQueue();
        const startedAt = performance.now();
        const waiting = queue.receive({ max: 1, waitMs: PATIENCE_MS });
        await sleep(50);
        await queue.send([{ body: 'at last' }]);
        let deliveries = await waiting;
        if (deliveries.length === 0) deliveries = await drain(queue, 1); // an adapter's wait may be shorter
        expect(deliveries.map(({ body }) => body)).toEqual(['at last']);
        expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS / 2);
      });

      it('ends its wait when a message is given back', async () => {
        const queue = await newQueue();
        await queue.send([{ body: 'back' }]);
        const [held] = await drain(queue, 1);
        const waiting = drain(queue, 1);
        await queue.extend(held?.receipt ?? '', 0);
        expect(await waiting).toMatchObject([{ body: 'back', attempt: 2 }]);
      });

      it('never gives one message to two consumers at once', async () => {
        const queue = await newQueue();
        const bodies = Array.from({ length: 40 }, (_, i) => `message ${i}`);
        const seen: string[] = [];
        const consume = async () => {
          while (seen.length < bodies.length) {
            for (const { body } of await queue.receive({ max: 3, waitMs: shortMs }))
              seen.push(body);
          }
        };
        const consumers = [consume(), consume(), consume(), consume()];
        for (const body of bodies) await queue.send([{ body }]);
        await Promise.all(consumers);
        expect(seen.sort()).toEqual(bodies.sort());
      });
    });

    it('takes no offence at receipts that are not known any more', async () => {
      const queue = await newQueue(shortMs);
      await queue.send([{ body: 'x' }]);
      const [late] = await drain(queue, 1);
      const [current] = await drain(queue, 1); // the first delivery's time is up
      await queue.acknowledge([current?.receipt ?? '']);
      await queue.acknowledge([late?.receipt ?? '', current?.receipt ?? '']);
      await queue.extend(current?.receipt ?? '', 0);
      expect(await queue.receive({ max: 1, waitMs: shortMs })).toEqual([]);
    });

    describeQueueNames(() => queues);
  });
}

/** Receive until there are so many messages. */
export async function drain(queue: Queue, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  const startedAt = performance.now();
  while (deliveries.length < count) {
    deliveries.push(...(await queue.receive({ max: 10, waitMs: PATIENCE_MS })));
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error('The messages do not come');
  }
  return deliveries;
}

function noise(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => (i * 31) ^ (i >> 7));
}
