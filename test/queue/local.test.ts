import { describe, expect, it } from 'vitest';
import { LocalQueueService } from '../../lib/queue/local.ts';
import type { Message } from '../../lib/queue/queue.ts';
import { describeQueues, drain } from './contract.ts';

describeQueues(
  'LocalQueueService',
  async () => ({ queues: new LocalQueueService(), close: async () => {} }),
  { maxBytes: 3 << 20, shortMs: 50 },
);

describe('LocalQueueService, being in memory,', () => {
  const SETTINGS = { visibilityMs: 3_600_000 };

  it('delivers in the order of sending, and what was given back last', async () => {
    const queue = await new LocalQueueService().create('q', SETTINGS);
    await queue.send(['1', '2', '3'].map((body) => ({ body })));
    const [first] = await queue.receive({ max: 1, waitMs: 0 });
    await queue.extend(first?.receipt ?? '', 0);
    const bodies = (await drain(queue, 3)).map(({ body }) => body);
    expect(bodies).toEqual(['2', '3', '1']);
  });

  it('ends the wait of a consumer whose queue is removed', async () => {
    const queues = new LocalQueueService();
    const queue = await queues.create('q', SETTINGS);
    const waiting = queue.receive({ max: 1, waitMs: 3_600_000 });
    await queues.remove('q');
    expect(await waiting).toEqual([]);
  });

  it('starts empty when a queue is made again after it was removed', async () => {
    const queues = new LocalQueueService();
    await (await queues.create('q', { visibilityMs: 20 })).send([
      { body: 'old' },
      { body: 'held' },
    ]);
    await queues.open('q').receive({ max: 1, waitMs: 0 });
    await queues.remove('q');
    const again = await queues.create('q', SETTINGS);
    expect(await again.receive({ max: 9, waitMs: 100 })).toEqual([]); // nor when the held one's time is up
  });

  it('drops a message after its last delivery in vain, and tells of it as it was sent', async () => {
    const dropped: Message[] = [];
    const onDropped = (message: Message) => dropped.push(message);
    const settings = { ...SETTINGS, maxDeliveries: 2, onDropped };
    const queue = await new LocalQueueService().create('q', settings);
    const poison = { body: 'poison', payload: Uint8Array.of(1, 2) };
    await queue.send([poison]);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const [delivery] = await drain(queue, 1);
      expect([delivery?.attempt, dropped]).toEqual([attempt, []]);
      await queue.extend(delivery?.receipt ?? '', 0);
    }
    expect(await queue.receive({ max: 1, waitMs: 0 })).toEqual([]);
    expect(dropped).toEqual([poison]);
  });

  it('wakes as many waiting consumers as there are messages', async () => {
    const queue = await new LocalQueueService().create('q', SETTINGS);
    const waiting = Array.from({ length: 3 }, () => queue.receive({ max: 1, waitMs: 3_600_000 }));
    await queue.send(['1', '2', '3'].map((body) => ({ body })));
    const bodies = (await Promise.all(waiting)).map((list) => list.map(({ body }) => body));
    expect(bodies).toEqual([['1'], ['2'], ['3']]);
  });

  it('keeps queues apart', async () => {
    const queues = new LocalQueueService();
    const [a, b] = [await queues.create('a', SETTINGS), await queues.create('b', SETTINGS)];
    await a.send([{ body: 'for a' }]);
    expect(await b.receive({ max: 1, waitMs: 0 })).toEqual([]);
    const [delivery] = await a.receive({ max: 1, waitMs: 0 });
    await b.extend(delivery?.receipt ?? '', 0);
    expect(await a.receive({ max: 1, waitMs: 0 })).toEqual([]);
  });
});
